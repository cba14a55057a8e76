/** All that is needed to follow a chain from somewhere in its middle. */
export interface ChainState {
  /** Records before. */
  readonly size: number;
  /** Hex leaf hash of the newest of them, or the genesis hash. */
  readonly head: string;
  /** Its time as recorded; empty when there is none. */
  readonly time: string;
  /** Hex roots of the full subtrees over them, the largest first. */
  readonly roots: readonly string[];
  /** Sequences of attempts whose outcome has not come. */
  readonly openAttempts: readonly number[];
}

/** The state before the first record. */
export function firstState(genesis: string): ChainState {
  return { size: 0, head: genesis, time: "", roots: [], openAttempts: [] };
}
