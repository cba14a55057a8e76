import { invalid } from "../sandbox-error.ts";

/** What one run may use. Every tier says for each of these who enforces it. */
export interface SandboxLimits {
  /** Wall-clock time of a run in milliseconds, up to one hour. Default 30,000. */
  readonly wallMs: number;
  /** Longest silence on both output streams in milliseconds; 0 for any. Default 0. */
  readonly idleMs: number;
  /** Processor time of each process in whole seconds. Default 30. */
  readonly cpuSeconds: number;
  /** Memory of all processes together in bytes, without swap. Default 512 MiB. */
  readonly memoryBytes: number;
  /** Processes and threads at once. Default 64. */
  readonly processes: number;
  /** Open descriptors of each process. Default 256. */
  readonly openFiles: number;
  /** Largest single file in bytes. Default 64 MiB. */
  readonly fileBytes: number;
  /** Stack of each process in bytes. Default 8 MiB. */
  readonly stackBytes: number;
  /** All files in the workspace together in bytes. Default 64 MiB. */
  readonly workspaceBytes: number;
  /** `/tmp` in bytes. Default 16 MiB. */
  readonly tmpBytes: number;
  /** Bytes kept of each output stream; what comes after is counted and dropped. Default 1 MiB. */
  readonly outputBytes: number;
  /** Bytes of both output streams together after which the run is ended. Default 64 MiB. */
  readonly outputHardBytes: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** What holds where nothing else is asked for. */
export const DEFAULT_LIMITS: SandboxLimits = Object.freeze({
  wallMs: 30_000,
  idleMs: 0,
  cpuSeconds: 30,
  memoryBytes: 512 * MIB,
  processes: 64,
  openFiles: 256,
  fileBytes: 64 * MIB,
  stackBytes: 8 * MIB,
  workspaceBytes: 64 * MIB,
  tmpBytes: 16 * MIB,
  outputBytes: MIB,
  outputHardBytes: 64 * MIB,
});

/** Least and most of each. */
const RANGES: Readonly<Record<keyof SandboxLimits, readonly [number, number]>> = {
  wallMs: [1, 3_600_000],
  idleMs: [0, 3_600_000],
  cpuSeconds: [1, 3_600],
  memoryBytes: [16 * MIB, 1024 * GIB],
  processes: [1, 32_768],
  openFiles: [16, 1_048_576],
  fileBytes: [0, 1024 * GIB],
  stackBytes: [64 * KIB, GIB],
  workspaceBytes: [64 * KIB, 1024 * GIB],
  tmpBytes: [64 * KIB, 1024 * GIB],
  outputBytes: [0, GIB],
  outputHardBytes: [1, 1024 * GIB],
};

/**
 * Fills in the defaults and takes a copy that nobody can change any more.
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT` naming the limit.
 */
export function resolveLimits(
  given: Partial<SandboxLimits> = {},
  base: SandboxLimits = DEFAULT_LIMITS,
): SandboxLimits {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(RANGES, name)) invalid(`limits.${name} is not a limit`);
  const limits: Record<string, number> = {};
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const key = name as keyof SandboxLimits;
    const value = given[key] ?? base[key];
    if (!Number.isSafeInteger(value) || value < least || value > most)
      invalid(`limits.${name} must be a whole number from ${least} to ${most}`);
    limits[name] = value;
  }
  return Object.freeze(limits) as unknown as SandboxLimits;
}
