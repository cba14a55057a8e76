import { compileTarget, type TargetArm } from "../compile/compile-target.ts";
import type { Container, PolicyFile, Rule } from "../parse/ast.ts";
import { LineIndex } from "../parse/position.ts";
import { lintExpression } from "./lint-expression.ts";
import type { LintFinding, LintId, Report } from "./lint-finding.ts";
import { lintNames } from "./lint-names.ts";

/** Options of {@link lintPolicies}. */
export interface LintPoliciesOptions {
  /** As given to `compilePolicies`. Default none. */
  readonly orderedEnums?: Readonly<Record<string, readonly string[]>>;
  /** Names of the functions given to `compilePolicies`. Default none. */
  readonly functions?: readonly string[];
  /** All operations there are. Default: not checked. */
  readonly operations?: readonly string[];
  /** All names that a condition may begin with, besides parameters. Default: not checked. */
  readonly roots?: readonly string[];
  /** All keys that the host can affirm. Default: not checked. */
  readonly assurances?: readonly string[];
}

const WARNINGS: ReadonlySet<LintId> = new Set<LintId>([
  "wildcard_allow",
  "not_before_comparison",
  "mixed_in_equality",
  "month_or_year",
]);

/** An allow or deny rule and the operations it names. */
interface Entry {
  readonly report: Report;
  readonly container: Container;
  readonly rule: Rule;
  readonly arms: readonly TargetArm[];
}

/** Finds rules of a set that are dead, or that say something else than a reader would think. */
export function lintPolicies(
  files: readonly PolicyFile[],
  options: LintPoliciesOptions = {},
): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const entries: Entry[] = [];
  for (const file of files) {
    const lines = new LineIndex(file.source);
    const report: Report = (id, at, message, hint) => {
      const severity = WARNINGS.has(id) ? "warning" : "error";
      const place = { file: file.file, ...lines.locate(at) };
      findings.push({ id, severity, ...place, message, ...(hint === undefined ? {} : { hint }) });
    };
    for (const { container, rules } of file.policies) {
      for (const rule of rules) {
        lintExpression(rule.target, options.orderedEnums ?? {}, report);
        if (rule.guard !== undefined) lintExpression(rule.guard, options.orderedEnums ?? {}, report);
        lintNames(rule, options, report);
        if (rule.action !== "allow" && rule.action !== "deny") continue;
        entries.push({ report, container, rule, arms: compileTarget(rule.target, []) });
      }
    }
  }
  const operations = options.operations && new Set(options.operations);
  for (const entry of entries) lintOperations(entry, entries, operations);
  return findings;
}

function lintOperations(
  { rule, arms, container, report }: Entry,
  entries: readonly Entry[],
  known: ReadonlySet<string> | undefined,
): void {
  const others = (action: Rule["action"], test: (entry: Entry, arm: TargetArm) => boolean) =>
    entries.some((entry) => entry.rule.action === action && entry.arms.some((arm) => test(entry, arm)));
  for (const { operation, match } of arms) {
    const name = operation ?? "*";
    if (operation !== undefined && known?.has(operation) === false)
      report("unknown_operation", rule.at, `there is no operation ${name}`);
    if (rule.action === "allow" && operation === undefined && match === undefined) {
      report("wildcard_allow", rule.at, "every operation is allowed, those of tools added later too");
    }
    if (!isAscii(name)) {
      const message = "the operation name holds characters that may look like others";
      report("non_ascii_identifier", rule.at, message);
    }
    const covers = (arm: TargetArm) => arm.operation === undefined || arm.operation === operation;
    if (rule.action === "deny" && rule.guard !== undefined) {
      const isAllowed = others("allow", (_, arm) => covers(arm) || operation === undefined);
      if (!isAllowed) {
        const hint = "without an allow rule the operation is denied whatever the condition says";
        report("dead_guarded_deny", rule.at, `nothing allows ${name}, so the condition never matters`, hint);
      }
    }
    const isDenied = others("deny", (entry, arm) => {
      const isUnconditional = entry.rule.guard === undefined && arm.match === undefined;
      return isUnconditional && covers(arm) && reaches(entry.container, container);
    });
    if (rule.action === "allow" && isDenied) {
      report("unreachable_allow", rule.at, `${name} is denied without a condition, so this never allows it`);
    }
  }
}

/** Tells whether what concerns the first container always concerns the second. */
function reaches(a: Container, b: Container): boolean {
  return a.kind === "top" || (b.kind === a.kind && b.name === a.name);
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}
