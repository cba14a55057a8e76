import { partsOf } from "../compile/check-meaning.ts";
import { LAMBDA_BUILT_INS, VALUE_BUILT_INS } from "../evaluate/built-ins.ts";
import type { Expression, Rule } from "../parse/ast.ts";
import type { Report } from "./lint-finding.ts";

/** Everything that a name in a rule can stand for; what is absent is not checked. */
export interface KnownNames {
  readonly functions?: readonly string[];
  readonly roots?: readonly string[];
  readonly assurances?: readonly string[];
}

/** Reports names that stand for nothing, and conditions in which no name stands. */
export function lintNames(rule: Rule, known: KnownNames, report: Report): void {
  const { action, target, guard } = rule;
  const parameters = action === "allow" || action === "deny" ? parametersOf(target) : [];
  const walker = new NameWalker(known, report);
  if (guard !== undefined) {
    walker.walk(guard, new Set(parameters));
    if (!dependsOnData(guard))
      report("constant_guard", guard.at, "the condition is the same for every request");
  }
  if (action === "require") walker.walkRequirement(target);
}

class NameWalker {
  readonly #functions: ReadonlySet<string>;
  readonly #roots: ReadonlySet<string> | undefined;
  readonly #assurances: ReadonlySet<string> | undefined;
  readonly #report: Report;

  constructor({ functions = [], roots, assurances }: KnownNames, report: Report) {
    this.#functions = new Set([...VALUE_BUILT_INS.keys(), ...LAMBDA_BUILT_INS.keys(), ...functions]);
    this.#roots = roots && new Set(roots);
    this.#assurances = assurances && new Set(assurances);
    this.#report = report;
  }

  walk(expression: Expression, bound: ReadonlySet<string>): void {
    switch (expression.kind) {
      case "identifier":
        if (this.#roots !== undefined && !bound.has(expression.name) && !this.#roots.has(expression.name))
          this.#report("unknown_root", expression.at, `nothing is named ${expression.name}`);
        return;
      case "call": {
        const { callee } = expression;
        if (callee.kind === "identifier" || callee.kind === "member") {
          if (!this.#functions.has(callee.name))
            this.#report("unknown_function", expression.at, `there is no function ${callee.name}`);
          if (callee.kind === "member") this.walk(callee.object, bound);
        }
        for (const { value } of expression.arguments) this.walk(value, bound);
        return;
      }
      case "lambda":
        return this.walk(expression.body, new Set([...bound, expression.parameter]));
      default:
        for (const part of partsOf(expression)) this.walk(part, bound);
    }
  }

  walkRequirement(target: Expression): void {
    if (target.kind === "identifier") return this.#assurance(target.name, target.at);
    if (target.kind === "array") {
      for (const item of target.items) this.#condition(item);
    } else if (target.kind === "record") {
      for (const { key, at, value } of target.fields) {
        this.#assurance(key, at);
        this.walk(value, new Set());
      }
    } else this.#condition(target);
  }

  #condition(target: Expression): void {
    const isApproval =
      target.kind === "call" && target.callee.kind === "identifier" && target.callee.name === "approval";
    if (!isApproval) this.walk(target, new Set());
  }

  #assurance(key: string, at: number): void {
    if (this.#assurances?.has(key) === false)
      this.#report("unaffirmable_require", at, `nothing can affirm ${key}, so this denies everything`);
  }
}

function dependsOnData(expression: Expression): boolean {
  return (
    expression.kind === "identifier" || expression.kind === "call" || partsOf(expression).some(dependsOnData)
  );
}

function parametersOf(target: Expression): readonly string[] {
  if (target.kind === "array") return target.items.flatMap(parametersOf);
  if (target.kind !== "call") return [];
  return target.arguments.flatMap(({ value }) => (value.kind === "identifier" ? [value.name] : []));
}
