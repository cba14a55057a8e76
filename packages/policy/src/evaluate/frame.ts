import { Failure } from "./failure.ts";

/** Operations one decision may spend. */
export const OPERATION_BUDGET = 10_000;

const EXHAUSTED = new Failure(`evaluation takes more than ${OPERATION_BUDGET} operations`);

/** What an expression is evaluated in. One frame serves one decision. */
export interface Frame {
  readonly subjects: readonly unknown[];
  /** Subjects that have been read, by position: rules look at the same ones again and again. */
  readonly readSubjects: unknown[];
  /** Root names, as given in the request. */
  readonly scope: unknown;
  /** Values of lambda parameters, by nesting level. */
  readonly locals: unknown[];
  /** Operations left. Below zero, the decision is deny whatever the rules say. */
  budget: number;
}

/**
 * Pays for work whose amount depends on data: one operation for each call, each list element visited, each
 * pair of parts compared and each 256 characters searched. Plain operators are bounded by the source.
 * @returns the failure to give up with, or undefined when it was paid.
 */
export function charge(frame: Frame, operations: number): Failure | undefined {
  frame.budget -= operations;
  return frame.budget < 0 ? EXHAUSTED : undefined;
}

/** A compiled expression: gives a value, or a {@link Failure} where there is none. Never throws. */
export type Evaluate = (frame: Frame) => unknown;
