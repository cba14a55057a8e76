/**
 * The third truth value: why an expression has no value. A value like any other during evaluation, so that it
 * costs no exception; created at compile time wherever the reason is known there.
 */
export class Failure {
  readonly reason: string;
  /** Whether all that is wrong is that something is not there: what `exists(path)` asks. */
  readonly missing: boolean;

  constructor(reason: string, missing = false) {
    this.reason = reason;
    this.missing = missing;
  }
}
