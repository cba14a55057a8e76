import type { Expression, PolicyBlock } from "@symbiont/policy";

// Writes our syntax tree as the one-key objects of the vector files (the legend stands in
// `symbi-policy-blocks.json`).

type Node = Record<string, unknown>;

export function legend(policies: readonly PolicyBlock[]): unknown[] {
  return policies.map(({ name, rules }) => ({
    name,
    rules: rules.map(({ action, target, guard }) => ({
      action,
      target: node(target),
      guard: guard === undefined ? null : node(guard),
    })),
  }));
}

function node(expression: Expression): Node {
  switch (expression.kind) {
    case "string":
      return { str: expression.value };
    case "number":
      return { num: expression.raw };
    case "duration":
      return { dur: expression.raw };
    case "boolean":
      return { bool: expression.value };
    case "identifier":
      return { id: expression.name };
    case "vault":
      return { vault: expression.url };
    case "member":
      return { member: [node(expression.object), expression.name] };
    case "call":
      return {
        call: [
          node(expression.callee),
          expression.arguments.map(({ name, value }) =>
            name === undefined ? node(value) : { named: [name, node(value)] },
          ),
        ],
      };
    case "index":
      return { index: [node(expression.object), node(expression.index)] };
    case "array":
      return { array: expression.items.map(node) };
    case "record":
      return { record: expression.fields.map(({ key, value }) => [key, node(value)]) };
    case "type":
      return { type: [expression.name, expression.fields.map(({ key, value }) => [key, node(value)])] };
    case "lambda":
      return { lambda: [expression.parameter, node(expression.body)] };
    case "if":
      return {
        if: [
          node(expression.condition),
          expression.consequent === undefined ? null : node(expression.consequent),
          expression.alternative === undefined ? null : node(expression.alternative),
        ],
      };
    case "not":
      return { not: node(expression.operand) };
    case "negate":
      return { neg: node(expression.operand) };
    case "binary":
      return { bin: [expression.operator, node(expression.left), node(expression.right)] };
    default:
      throw new TypeError("unknown node");
  }
}
