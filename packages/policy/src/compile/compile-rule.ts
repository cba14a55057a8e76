import type { JsonValue } from "@symbiont/kit";
import type { AuditObligation } from "../decide/decision.ts";
import type { Assurances } from "../evaluate/assurance.ts";
import { Duration } from "../evaluate/duration.ts";
import { Failure } from "../evaluate/failure.ts";
import type { Evaluate, Frame } from "../evaluate/frame.ts";
import type { Expression, Rule, RuleAction } from "../parse/ast.ts";
import type { Bindings, Extensions } from "./bindings.ts";
import { compileExpression } from "./compile-expression.ts";
import { compileRequirement } from "./compile-requirement.ts";
import { compileTarget, NO_SUBJECT } from "./compile-target.ts";
import type { AuditRule, CompiledRule, OperationRule, RequireRule, Test } from "./compiled-rule.ts";
import type { Problem } from "./problem.ts";

const NOT_BOOLEAN = new Failure("the condition is not a boolean");
const NONE: ReadonlyMap<string, number> = new Map();
const ALWAYS: Test = () => true;

/** Compiles an allow or deny rule. */
export function compileOperationRule(
  head: CompiledRule,
  rule: Rule,
  extensions: Extensions,
  problems: Problem[],
): OperationRule {
  const arms = compileTarget(rule.target, problems).map(({ operation, subjects, match }) => {
    const guard = rule.guard && toTest(compileExpression(rule.guard, bind(extensions, subjects)));
    return { operation, test: conjunction(match && matchTest(match, rule.action), guard) };
  });
  const tests = new Map<string | undefined, Test>();
  const everywhere = arms.filter((arm) => arm.operation === undefined);
  for (const name of new Set(arms.map((arm) => arm.operation))) {
    const named = name === undefined ? [] : arms.filter((arm) => arm.operation === name);
    tests.set(name, disjunction([...named, ...everywhere].map((arm) => arm.test)));
  }
  return { ...head, tests };
}

/** Compiles a require rule. */
export function compileRequireRule(
  head: CompiledRule,
  rule: Rule,
  extensions: Extensions,
  assurances: Assurances,
  problems: Problem[],
): RequireRule {
  const bindings = bind(extensions, NONE);
  const check = compileRequirement(rule.target, bindings, assurances, problems);
  return { ...head, guard: compileGuard(rule.guard, bindings), check };
}

/** Compiles an audit rule. */
export function compileAuditRule(head: CompiledRule, rule: Rule, extensions: Extensions): AuditRule {
  const bindings = bind(extensions, NONE);
  return {
    ...head,
    guard: compileGuard(rule.guard, bindings),
    oblige: compileSettings(head.id, rule.target, bindings),
  };
}

function bind(extensions: Extensions, subjects: ReadonlyMap<string, number>): Bindings {
  return { extensions, subjects, locals: NONE, level: 0 };
}

function compileGuard(guard: Expression | undefined, bindings: Bindings): Test {
  return guard === undefined ? ALWAYS : toTest(compileExpression(guard, bindings));
}

function toTest(evaluate: Evaluate): Test {
  return (frame) => {
    const value = evaluate(frame);
    return typeof value === "boolean" || value instanceof Failure ? value : NOT_BOOLEAN;
  };
}

/** An allow for a named subject is no allow when the request names none; a deny cannot tell, and denies. */
function matchTest(match: Evaluate, action: RuleAction): Test {
  const test = toTest(match);
  if (action !== "allow") return test;
  return (frame) => {
    const result = test(frame);
    return result !== NO_SUBJECT && result;
  };
}

function conjunction(match: Test | undefined, guard: Test | undefined): Test {
  if (match === undefined || guard === undefined) return match ?? guard ?? ALWAYS;
  return (frame) => {
    const matched = match(frame);
    if (matched === false) return false;
    const holds = guard(frame);
    return holds === true ? matched : holds;
  };
}

function disjunction(tests: readonly Test[]): Test {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (frame) => {
    let failure: Failure | undefined;
    for (const test of tests) {
      const result = test(frame);
      if (result === true) return true;
      if (result instanceof Failure) failure ??= result;
    }
    return failure ?? false;
  };
}

function compileSettings(
  rule: string,
  target: Expression,
  bindings: Bindings,
): (frame: Frame) => AuditObligation {
  const settings = settingsOf(target).map(({ key, value }) => ({
    key,
    evaluate: value === undefined ? () => true : compileExpression(value, bindings),
  }));
  return (frame) => {
    const values: [string, JsonValue][] = settings.map(({ key, evaluate }) => [key, toJson(evaluate(frame))]);
    return { rule, settings: Object.fromEntries(values) };
  };
}

function settingsOf(target: Expression): readonly { readonly key: string; readonly value?: Expression }[] {
  switch (target.kind) {
    case "record":
      return target.fields;
    case "array":
      return target.items.flatMap(settingsOf);
    case "identifier":
      return [{ key: target.name }];
    case "string":
      return [{ key: target.value }];
    case "call":
      return settingsOf(target.callee);
    default:
      return [{ key: "condition", value: target }];
  }
}

function toJson(value: unknown): JsonValue {
  if (value instanceof Failure) return null;
  if (value instanceof Duration) return value.milliseconds;
  if (value instanceof Map) {
    return Object.fromEntries(
      [...value].map(([key, part]): [string, JsonValue] => [String(key), toJson(part)]),
    );
  }
  if (Array.isArray(value)) return value.map(toJson);
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number" ? value : null;
}
