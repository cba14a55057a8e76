/** One hot path, measured beside what any implementation must pay and what a user would otherwise install. */
export interface Bench {
  /** `operation, size`, for example `ES256 verify, 256 B`. */
  readonly name: string;
  readonly ours: () => unknown;
  /** Called before each call of all of them, and not measured. */
  readonly prepare?: () => Promise<unknown>;
  /** The bare runtime primitive. */
  readonly floor: () => unknown;
  /** What the floor is, in a few words. */
  readonly floorName: string;
  readonly peer?: () => unknown;
  /** npm name and version of the peer. */
  readonly peerName?: string;
  /** Goal: ours takes at most this many times the floor. */
  readonly maxFloorRatio?: number;
  /** Goal: the peer takes at least this many times ours. */
  readonly minPeerRatio?: number;
  /** Goal that was given as a time: ours takes at most so long on a machine that has nothing else to do. */
  readonly maxMicroseconds?: number;
}
