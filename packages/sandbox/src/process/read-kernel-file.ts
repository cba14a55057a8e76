import { closeSync, openSync, readSync } from "node:fs";

const MAX_BYTES = 65_536;
let buffer: Buffer | undefined;

/**
 * Reads a file that the kernel makes up while it is read, in one go, up to 64 KiB. Such files say that they are empty,
 * for which `readFileSync` sets memory aside anew and reads again and again; runs read hundreds of them.
 * @throws the error of the system.
 */
export function readKernelFile(path: string): string {
  buffer ??= Buffer.allocUnsafeSlow(MAX_BYTES);
  const descriptor = openSync(path, "r");
  try {
    return buffer.toString("latin1", 0, readSync(descriptor, buffer, 0, MAX_BYTES, null));
  } finally {
    closeSync(descriptor);
  }
}
