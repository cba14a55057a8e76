import type { Expression, Field } from "../parse/ast.ts";
import type { Problem } from "./problem.ts";

/** Finds what the grammar accepts although it can have no meaning, anywhere in an expression. */
export function checkMeaning(expression: Expression, problems: Problem[]): void {
  if (expression.kind === "record" || expression.kind === "type") checkKeys(expression.fields, problems);
  if (expression.kind === "member" && expression.object.kind === "number") {
    const hint = "durations are written 30s, 5m, 2h, 1d or 30.seconds";
    problems.push({ at: expression.at, message: `a number has no member ${expression.name}`, hint });
  }
  for (const part of partsOf(expression)) checkMeaning(part, problems);
}

/** The expressions directly inside an expression. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "member":
      return [expression.object];
    case "call":
      return [expression.callee, ...expression.arguments.map((argument) => argument.value)];
    case "index":
      return [expression.object, expression.index];
    case "array":
      return expression.items;
    case "record":
    case "type":
      return expression.fields.map((field) => field.value);
    case "lambda":
      return [expression.body];
    case "if":
      return [expression.condition, expression.consequent, expression.alternative].filter(
        (part) => part !== undefined,
      );
    case "not":
    case "negate":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "string":
    case "number":
    case "duration":
    case "boolean":
    case "identifier":
    case "vault":
      return [];
    default:
      return [];
  }
}

function checkKeys(fields: readonly Field[], problems: Problem[]): void {
  const seen = new Set<string>();
  for (const { at, key } of fields) {
    if (seen.has(key)) problems.push({ at, message: `the key ${key} stands twice in one record` });
    seen.add(key);
  }
}
