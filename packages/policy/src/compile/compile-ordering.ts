import { Duration } from "../evaluate/duration.ts";
import { Failure } from "../evaluate/failure.ts";
import type { Evaluate } from "../evaluate/frame.ts";
import type { Expression } from "../parse/ast.ts";
import { type Bindings, pathOf } from "./bindings.ts";

type Ordering = "<" | ">" | "<=" | ">=";

const NOT_ORDERED = new Failure("only two numbers or two durations have an order");
const NOT_IN_ENUM = new Failure("the value is not in the ordered enum");
const TWO_ENUMS = new Failure("the operands belong to different ordered enums");

/**
 * Compiles `<`, `>`, `<=`, `>=`. Text has an order only where the host registered one for the path, because
 * alphabetical order says nothing: `unclassified` comes after `secret`.
 */
export function compileOrdering(
  operator: Ordering,
  left: Expression,
  right: Expression,
  bindings: Bindings,
  compile: (expression: Expression, bindings: Bindings) => Evaluate,
): Evaluate {
  const rank = compileRank(left, right, bindings);
  const first = compile(left, bindings);
  const second = compile(right, bindings);
  return (frame) => {
    const a = first(frame);
    if (a instanceof Failure) return a;
    const b = second(frame);
    if (b instanceof Failure) return b;
    if (typeof a === "number" && typeof b === "number") return isOrdered(operator, a, b);
    if (a instanceof Duration && b instanceof Duration) {
      return isOrdered(operator, a.milliseconds, b.milliseconds);
    }
    return rank(operator, a, b);
  };
}

function compileRank(
  left: Expression,
  right: Expression,
  { extensions }: Bindings,
): (operator: Ordering, a: unknown, b: unknown) => boolean | Failure {
  const [a, b] = [left, right].map((side) => extensions.orderedEnums.get(pathOf(side) ?? ""));
  const members = a ?? b;
  if (members === undefined) return () => NOT_ORDERED;
  if (a !== undefined && b !== undefined && a.join("\n") !== b.join("\n")) return () => TWO_ENUMS;
  const ranks = new Map<unknown, number>(members.map((member, index) => [member, index]));
  return (operator, first, second) => {
    const x = ranks.get(first);
    const y = ranks.get(second);
    return x === undefined || y === undefined ? NOT_IN_ENUM : isOrdered(operator, x, y);
  };
}

function isOrdered(operator: Ordering, a: number, b: number): boolean | Failure {
  switch (operator) {
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
    default:
      return NOT_ORDERED;
  }
}
