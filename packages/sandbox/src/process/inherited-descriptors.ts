import { readdirSync } from "node:fs";
import { readKernelFile } from "./read-kernel-file.ts";

const O_CLOEXEC = 0o2000000;

/**
 * Descriptors of this process, from 3 up, that a child would get although nobody passes them: not everything that
 * opens files marks them as private. Sorted; empty where the kernel cannot be asked.
 */
export function inheritedDescriptors(): readonly number[] {
  let names: readonly string[];
  try {
    names = readdirSync("/proc/self/fd");
  } catch {
    return [];
  }
  return names
    .map(Number)
    .filter((descriptor) => descriptor > 2 && isInherited(descriptor))
    .sort((a, b) => a - b);
}

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readKernelFile(`/proc/self/fdinfo/${descriptor}`))?.[1];
    return flags === undefined || (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
  } catch {
    // The one that listed the folder is gone already.
    return false;
  }
}
