import type { SandboxLimits } from "../policy/limits.ts";

/**
 * Arguments of `prlimit(1)`. Soft and hard are the same, because a soft limit alone is raised by whoever it bothers.
 * Memory is bounded as data, not as address space: runtimes that compile reserve far more of that than they use.
 */
export function rlimitArguments(limits: SandboxLimits): readonly string[] {
  const { cpuSeconds, memoryBytes, processes, openFiles, fileBytes, stackBytes } = limits;
  return [
    // The signal comes first, so that it can be told from a kill; who ignores it is killed a second later.
    `--cpu=${cpuSeconds}:${cpuSeconds + 1}`,
    `--data=${both(memoryBytes)}`,
    `--nproc=${both(processes)}`,
    `--nofile=${both(openFiles)}`,
    `--fsize=${both(fileBytes)}`,
    `--stack=${both(stackBytes)}`,
    "--core=0:0",
    "--memlock=65536:65536",
    "--msgqueue=0:0",
  ];
}

/** Soft and hard. */
function both(value: number): string {
  return `${value}:${value}`;
}
