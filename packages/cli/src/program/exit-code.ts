/**
 * How a command ended. `no` is an answer: a signature that does not hold, a policy case that fails, something found.
 * Wrong use and input that cannot be used are told apart from it, so that a script never takes them for an answer.
 */
export const EXIT: {
  readonly ok: 0;
  readonly no: 1;
  readonly usage: 2;
  readonly failed: 3;
  /** The reader of our output went away, as a shell reports it. */
  readonly brokenPipe: 141;
} = Object.freeze({ ok: 0, no: 1, usage: 2, failed: 3, brokenPipe: 141 });
