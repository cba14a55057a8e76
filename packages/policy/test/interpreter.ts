import type { Expression, PolicyFile, Rule } from "@symbiont/policy";
import { bool, type Env, evaluate, NoValue, type Request, same, type Truth } from "./interpret-expression.ts";

// A second implementation of the language, for the property tests: it walks the tree with exceptions and
// plain recursion, and shares nothing with the compiler but the parser.

export interface Verdict {
  readonly effect: "allow" | "deny" | "ask";
  readonly code: string;
  readonly rule: string | undefined;
}

export function interpret(file: PolicyFile, request: Request): Verdict {
  const counts = new Map<string, number>();
  const rules = file.policies.flatMap((policy) =>
    policy.rules.map((rule) => {
      const index = counts.get(policy.name) ?? 0;
      counts.set(policy.name, index + 1);
      return { rule, id: `${policy.name}#${index}` };
    }),
  );
  const ofKind = (action: Rule["action"]) => rules.filter(({ rule }) => rule.action === action);
  for (const { rule, id } of ofKind("deny")) {
    const truth = applies(rule, request);
    if (truth === "yes") return { effect: "deny", code: "deny.rule", rule: id };
    if (truth === "unknown") return { effect: "deny", code: "deny.guard_error", rule: id };
  }
  let ask: Verdict | undefined;
  for (const { rule, id } of ofKind("require")) {
    if (guardTruth(rule, new Map(), request) === "no") continue;
    const want = wanted(rule.target, request);
    if (want === undefined) continue;
    if (!want.startsWith("approval:")) return { effect: "deny", code: `require.${want}`, rule: id };
    ask ??= { effect: "ask", code: `require.${want}`, rule: id };
  }
  const truths = ofKind("allow").map(({ rule, id }) => ({ id, truth: applies(rule, request) }));
  const granted = truths.find(({ truth }) => truth === "yes");
  if (granted !== undefined) return ask ?? { effect: "allow", code: "allow.rule", rule: granted.id };
  const failed = truths.some(({ truth }) => truth === "unknown");
  return { effect: "deny", code: failed ? "default.allow_guard_error" : "default", rule: undefined };
}

function applies(rule: Rule, request: Request): Truth {
  const targets = rule.target.kind === "array" ? rule.target.items : [rule.target];
  const truths = targets.map((target) => armTruth(rule, target, request));
  return truths.includes("yes") ? "yes" : truths.includes("unknown") ? "unknown" : "no";
}

function armTruth(rule: Rule, target: Expression, request: Request): Truth {
  if (target.kind === "string" && target.value !== "*" && target.value !== request.op) return "no";
  if (target.kind === "identifier" && target.name !== request.op) return "no";
  // Two lists under each other read as one index: nobody can tell which operations were meant.
  if (target.kind === "index") return guardTruth(rule, new Map(), request) === "no" ? "no" : "unknown";
  if (target.kind !== "call") return guardTruth(rule, new Map(), request);
  if (target.callee.kind !== "identifier" || target.callee.name !== request.op) return "no";
  const env = new Map<string, unknown>();
  let match: Truth = "yes";
  for (const [position, { value }] of target.arguments.entries()) {
    if (value.kind === "identifier") {
      if (value.name !== "any" && position < request.subjects.length)
        env.set(value.name, request.subjects[position]);
      continue;
    }
    const literal = evaluate(value, new Map(), request);
    if (position >= request.subjects.length) match = match === "no" ? "no" : "unknown";
    else {
      const subject = request.subjects[position] as { id?: unknown };
      const id =
        typeof subject === "object" && subject !== null && !Array.isArray(subject) ? subject.id : undefined;
      if (!same(subject, literal) && !(id !== undefined && same(id, literal))) match = "no";
    }
  }
  if (match === "no" || (match === "unknown" && rule.action === "allow")) return "no";
  const guard = guardTruth(rule, env, request);
  return guard === "yes" ? match : guard;
}

function guardTruth({ guard }: Rule, env: Env, request: Request): Truth {
  if (guard === undefined) return "yes";
  try {
    return bool(evaluate(guard, env, request)) ? "yes" : "no";
  } catch (error) {
    if (error instanceof NoValue) return "unknown";
    throw error;
  }
}

function wanted(target: Expression, request: Request): string | undefined {
  if (target.kind === "identifier")
    return request.assurances[target.name] === true ? undefined : `unmet:${target.name}`;
  if (target.kind === "record") {
    for (const { key, value } of target.fields) {
      const isMet =
        Object.hasOwn(request.assurances, key) &&
        holds(() => same(request.assurances[key], evaluate(value, new Map(), request)));
      if (!isMet) return `unmet:${key}`;
    }
    return undefined;
  }
  if (target.kind === "array") {
    const wants = target.items.map((item) => condition(item, request));
    return wants.find((want) => want === "unmet") ?? wants.find((want) => want !== undefined);
  }
  return condition(target, request);
}

function condition(target: Expression, request: Request): string | undefined {
  if (target.kind === "call" && target.callee.kind === "identifier" && target.callee.name === "approval") {
    const role = (target.arguments[0]?.value as { value: string }).value;
    return request.approvals.includes(role) ? undefined : `approval:${role}`;
  }
  return holds(() => evaluate(target, new Map(), request) === true) ? undefined : "unmet";
}

function holds(test: () => boolean): boolean {
  try {
    return test();
  } catch (error) {
    if (error instanceof NoValue) return false;
    throw error;
  }
}
