import { pathOf } from "../compile/bindings.ts";
import { partsOf } from "../compile/check-meaning.ts";
import type { BinaryOperator, Expression } from "../parse/ast.ts";
import type { Report } from "./lint-finding.ts";

const EQUALITY: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(["==", "!=", "in"]);
const ORDERING: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(["<", ">", "<=", ">="]);

/** Reports what reads differently from what it means, anywhere in an expression. */
export function lintExpression(
  expression: Expression,
  orderedEnums: Readonly<Record<string, readonly string[]>>,
  report: Report,
): void {
  if (expression.kind === "duration" && /months|y$/.test(expression.raw)) {
    report("month_or_year", expression.at, `${expression.raw} counts a month as 30 days and a year as 365`);
  }
  if (expression.kind === "binary") {
    const { operator, left, right, at } = expression;
    const isOrdering = ORDERING.has(operator);
    if ((isOrdering || EQUALITY.has(operator)) && left.kind === "not") {
      const hint = `write: not (a ${operator} b)`;
      report("not_before_comparison", at, `not binds tighter than ${operator}`, hint);
    }
    if (EQUALITY.has(operator) && [left, right].some(isComparison)) {
      report("mixed_in_equality", at, "comparisons are read from left to right", "use brackets");
    }
    if (isOrdering && [left, right].some((side) => side.kind === "string")) {
      const isRegistered = [left, right].some((side) => Object.hasOwn(orderedEnums, pathOf(side) ?? ""));
      if (!isRegistered) {
        const hint = "register an ordered enum for the path";
        report("string_ordering", at, "text has no order, so this condition never has a value", hint);
      }
    }
  }
  for (const part of partsOf(expression)) lintExpression(part, orderedEnums, report);
}

function isComparison(expression: Expression): boolean {
  return (
    expression.kind === "binary" && (EQUALITY.has(expression.operator) || ORDERING.has(expression.operator))
  );
}
