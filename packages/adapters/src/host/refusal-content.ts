import { type Denial, GateError } from "@symbiont/core";

/** What a model is told of a call that was refused, or that ran and could not be recorded. */
export interface Refusal {
  readonly denied: true;
  readonly code: string;
  readonly reason: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** The tool ran, but its result is withheld. */
  readonly effectCompleted?: true;
}

/** A denial as the one object that every host's model gets to see. */
export function refusalOf({ code, reason, retryable, retryAfterMs }: Denial): Refusal {
  return { denied: true, code, reason, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** The refusal for a call whose outcome could not be recorded; anything else that was thrown is thrown on. */
export function unrecorded(error: unknown): Refusal {
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const found = parts.find((part) => GateError.is(part));
  if (found === undefined || !found.effectCompleted) throw error;
  return { denied: true, code: found.code, reason: found.message, retryable: false, effectCompleted: true };
}
