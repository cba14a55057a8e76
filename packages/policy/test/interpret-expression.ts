import type { Expression } from "@symbiont/policy";

// Expressions of the second implementation: exceptions for what has no value, plain recursion for the rest.

/** A request over plain data. */
export interface Request {
  readonly op: string;
  readonly subjects: readonly unknown[];
  readonly scope: Record<string, unknown>;
  readonly assurances: Record<string, unknown>;
  readonly approvals: readonly string[];
}

/** A condition holds, does not, or nobody can tell. */
export type Truth = "yes" | "no" | "unknown";

/** Values of parameters in scope. */
export type Env = ReadonlyMap<string, unknown>;

/** What is thrown where an expression has no value. */
export class NoValue extends Error {}
const LENGTHS: Record<string, number> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86400,
  w: 604800,
  months: 2592000,
  y: 31536000,
};
class Span {
  readonly seconds: number;
  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

/** The value of an expression. @throws NoValue */
export function evaluate(node: Expression, env: Env, request: Request): unknown {
  const at = (child: Expression): unknown => evaluate(child, env, request);
  switch (node.kind) {
    case "string":
    case "boolean":
      return node.value;
    case "number":
      return Number(node.raw.split("_").join(""));
    case "duration": {
      const [, digits, unit] = /^(\d+)\.?(.*)$/.exec(node.raw) as unknown as [string, string, string];
      const short = { seconds: "s", minutes: "m", hours: "h" }[unit] ?? unit;
      return new Span(Number(digits) * (LENGTHS[short] as number));
    }
    case "identifier":
      if (env.has(node.name)) return env.get(node.name);
      return member(request.scope, node.name);
    case "member": {
      const object = at(node.object);
      if (node.name === "length" && (typeof object === "string" || Array.isArray(object)))
        return object.length;
      return member(object, node.name);
    }
    case "index": {
      const object = at(node.object);
      const index = at(node.index);
      if (
        Array.isArray(object) &&
        typeof index === "number" &&
        Number.isInteger(index) &&
        index >= 0 &&
        index < object.length
      )
        return object[index];
      if (!Array.isArray(object) && typeof index === "string") return member(object, index);
      throw new NoValue();
    }
    case "array":
      return node.items.map(at);
    case "record":
      return Object.fromEntries(node.fields.map(({ key, value }) => [key, at(value)]));
    case "not":
      return !bool(at(node.operand));
    case "negate":
      return signed(at(node.operand));
    case "if": {
      const chosen = bool(at(node.condition)) ? node.consequent : node.alternative;
      if (chosen === undefined) throw new NoValue();
      return at(chosen);
    }
    case "binary":
      return binary(node, at);
    case "call":
      return call(node, env, request);
    default:
      throw new NoValue();
  }
}

function binary(node: Expression & { kind: "binary" }, at: (child: Expression) => unknown): unknown {
  if (node.operator === "&&" || node.operator === "||") return kleene(node, at);
  const left = at(node.left);
  const right = at(node.right);
  switch (node.operator) {
    case "==":
      return same(left, right);
    case "!=":
      return !same(left, right);
    case "in":
      if (!Array.isArray(right)) throw new NoValue();
      return right.some((item) => same(item, left));
    default: {
      const spans = left instanceof Span && right instanceof Span;
      if (!spans && !(typeof left === "number" && typeof right === "number")) throw new NoValue();
      const [a, b] = spans ? [left.seconds, right.seconds] : [left as number, right as number];
      if (node.operator === "<") return a < b;
      if (node.operator === ">") return a > b;
      if (node.operator === "<=") return a <= b;
      if (node.operator === ">=") return a >= b;
      if (spans && node.operator !== "+" && node.operator !== "-") throw new NoValue();
      const result = { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "%": a % b }[node.operator];
      if (result === undefined || !Number.isFinite(result)) throw new NoValue();
      return spans ? new Span(result) : result;
    }
  }
}

function kleene(node: Expression & { kind: "binary" }, at: (child: Expression) => unknown): boolean {
  const deciding = node.operator === "||";
  const sides = [node.left, node.right].map((side): Truth => {
    try {
      return bool(at(side)) ? "yes" : "no";
    } catch (error) {
      if (error instanceof NoValue) return "unknown";
      throw error;
    }
  });
  if (sides.includes(deciding ? "yes" : "no")) return deciding;
  if (sides.includes("unknown")) throw new NoValue();
  return !deciding;
}

function call(node: Expression & { kind: "call" }, env: Env, request: Request): unknown {
  const { callee } = node;
  if (callee.kind !== "identifier" && callee.kind !== "member") throw new NoValue();
  if (node.arguments.some(({ name }) => name !== undefined)) throw new NoValue();
  const args = node.arguments.map(({ value }) => value);
  if (callee.kind === "member") args.unshift(callee.object);
  const at = (child: Expression | undefined): unknown => evaluate(child as Expression, env, request);
  if (["map", "any", "all"].includes(callee.name)) {
    const lambda = args[1];
    if (args.length !== 2 || lambda?.kind !== "lambda") throw new NoValue();
    const list = at(args[0]);
    if (!Array.isArray(list)) throw new NoValue();
    const apply = (item: unknown) =>
      evaluate(lambda.body, new Map([...env, [lambda.parameter, item]]), request);
    if (callee.name === "map") return list.map(apply);
    const sought = callee.name === "any";
    const truths = list.map((item): Truth => {
      try {
        return bool(apply(item)) ? "yes" : "no";
      } catch (error) {
        if (error instanceof NoValue) return "unknown";
        throw error;
      }
    });
    if (truths.includes(sought ? "yes" : "no")) return sought;
    if (truths.includes("unknown")) throw new NoValue();
    return !sought;
  }
  const arity = { length: 1, contains: 2, starts_with: 2, ends_with: 2 }[callee.name];
  if (arity !== args.length) throw new NoValue();
  const [subject, part] = args.map(at);
  if (callee.name === "length" && (typeof subject === "string" || Array.isArray(subject)))
    return subject.length;
  if (callee.name === "contains" && Array.isArray(subject)) return subject.some((item) => same(item, part));
  if (typeof subject !== "string" || typeof part !== "string") throw new NoValue();
  if (callee.name === "contains") return subject.split(part).length > 1 || part === "";
  return callee.name === "starts_with"
    ? subject.indexOf(part) === 0
    : subject.slice(subject.length - part.length) === part && part.length <= subject.length;
}

function member(object: unknown, name: string): unknown {
  if (["__proto__", "constructor", "prototype"].includes(name)) throw new NoValue();
  if (typeof object !== "object" || object === null || Array.isArray(object) || object instanceof Span)
    throw new NoValue();
  if (!Object.keys(object).includes(name)) throw new NoValue();
  return (object as Record<string, unknown>)[name];
}

/** @throws NoValue for what is no boolean. */
export function bool(value: unknown): boolean {
  if (typeof value !== "boolean") throw new NoValue();
  return value;
}

function signed(value: unknown): unknown {
  if (value instanceof Span) return new Span(-value.seconds);
  if (typeof value !== "number") throw new NoValue();
  return -value;
}

/** Whether two values are equal. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  if (value instanceof Span) return `span ${value.seconds + 0}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`);
    return `{${entries.sort().join(",")}}`;
  }
  return typeof value === "number" ? `number ${value + 0}` : JSON.stringify(value);
}
