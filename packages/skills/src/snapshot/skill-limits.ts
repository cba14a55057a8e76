/** How much a skill may hold. What is over a limit is a problem that refuses the skill; nothing is cut. */
export interface SkillLimits {
  /** Files and folders. Default 10,000. */
  readonly maxEntries?: number;
  /** Folders in folders. Default 32. */
  readonly maxDepth?: number;
  /** Bytes of one file. Default 16 MiB. */
  readonly maxFileBytes?: number;
  /** Bytes of all files. Default 64 MiB. */
  readonly maxTotalBytes?: number;
}

/** The limits where none are given. */
export const DEFAULT_LIMITS: Required<SkillLimits> = {
  maxEntries: 10_000,
  maxDepth: 32,
  maxFileBytes: 16 << 20,
  maxTotalBytes: 64 << 20,
};

/** Limits with their defaults. @throws RangeError when one is not a positive integer. */
export function skillLimits(limits: SkillLimits = {}): Required<SkillLimits> {
  const all = { ...DEFAULT_LIMITS, ...limits };
  for (const [name, value] of Object.entries(all)) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} must be a positive integer`);
  }
  return all;
}
