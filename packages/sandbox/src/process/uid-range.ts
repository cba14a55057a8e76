/** Users that no account has. One sandbox has one at a time, so that no sandbox can signal, trace or starve another. */
export interface UidRange {
  readonly first: number;
  readonly count: number;
}

/** Used where the host runs as root and nothing else is said. */
export const DEFAULT_UID_RANGE: UidRange = Object.freeze({ first: 200_000, count: 1_000 });
