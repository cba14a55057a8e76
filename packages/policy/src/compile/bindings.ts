import type { Expression } from "../parse/ast.ts";

/** A function that the host lets rules call. */
export interface PolicyFunction {
  /** Exact number of arguments; `subject.name(a)` counts the subject as the first. */
  readonly arity: number;
  /**
   * Must be pure, synchronous and quick: its cost is counted as one operation. Arguments are plain data and must
   * not be changed. A throw, a promise or any value that is not plain data makes the condition fail.
   */
  readonly call: (...values: never[]) => unknown;
}

/** What the host adds to the language. */
export interface Extensions {
  readonly functions: ReadonlyMap<string, PolicyFunction>;
  /** Order of texts, lowest first, by the path at which they are found (`user.clearance`). */
  readonly orderedEnums: ReadonlyMap<string, readonly string[]>;
}

/** What the names in one expression stand for. */
export interface Bindings {
  readonly extensions: Extensions;
  /** Position of the subject that a target parameter is bound to. */
  readonly subjects: ReadonlyMap<string, number>;
  /** Nesting level of each lambda parameter in scope. */
  readonly locals: ReadonlyMap<string, number>;
  /** Number of lambdas around the expression. */
  readonly level: number;
}

/** `a.b.c` for a chain of plain members of a name, which ordered enums are registered for. */
export function pathOf(expression: Expression): string | undefined {
  if (expression.kind === "identifier") return expression.name;
  if (expression.kind !== "member") return undefined;
  const object = pathOf(expression.object);
  return object === undefined ? undefined : `${object}.${expression.name}`;
}
