import type { Decision } from "@symbiont/kit";

/** What a rule of a list does. */
export type ListedEffect =
  | { readonly action: "allow" }
  | { readonly action: "deny"; readonly reason: string }
  | { readonly action: "require_approval"; readonly approver: string; readonly reason: string };

/** One rule of a list. */
export interface ListedRule<Condition> {
  readonly id: string;
  readonly condition: Condition;
  readonly effect: ListedEffect;
  /** Higher comes first. */
  readonly priority: number;
  /** Default `true`. */
  readonly enabled?: boolean;
}

/** How the rules of a list are put together. */
export interface RuleListOptions {
  /**
   * `deny_overrides`: a deny denies, then an approval is asked for, then an allow allows, whatever the priorities.
   * `first_match`: the rule of highest priority decides, and the first of those alike, as Symbiont has it: there an
   * allow can beat a deny. Default `"deny_overrides"`.
   */
  readonly order?: "deny_overrides" | "first_match";
  /** What happens when no rule matches. Default `"deny"`. */
  readonly byDefault?: "allow" | "deny";
}

/** A text of a condition; without it the condition could never match, in silence. @throws RangeError */
export function requireText(value: unknown): string {
  if (typeof value !== "string") throw new RangeError("a condition of a rule lacks a text");
  return value;
}

/** Decides by a list of rules. */
export type RuleList<Subject> = (subject: Subject) => Decision;

/**
 * Makes a decision of rules whose conditions are data.
 * @throws RangeError for a rule without an id, two of one id, an effect that is not known, or an option.
 */
export function createRuleList<Condition, Subject>(
  rules: readonly ListedRule<Condition>[],
  compile: (condition: Condition) => (subject: Subject) => boolean,
  { order = "deny_overrides", byDefault = "deny" }: RuleListOptions,
): RuleList<Subject> {
  if (order !== "deny_overrides" && order !== "first_match")
    throw new RangeError("order must be deny_overrides or first_match");
  const ids = new Set(rules.map(({ id }) => id));
  if (ids.size !== rules.length || ids.has("")) throw new RangeError("rules must have different ids");
  for (const { id, priority } of rules) {
    if (!Number.isFinite(priority)) throw new RangeError(`rule ${id} must have a number as its priority`);
  }
  const listed = rules
    .filter(({ enabled = true }) => enabled)
    .toSorted((a, b) => b.priority - a.priority)
    .map((rule) => ({ matches: compile(rule.condition), decision: toDecision(rule) }));
  return (subject) => {
    const matching = listed.filter(({ matches }) => matches(subject)).map(({ decision }) => decision);
    const first = order === "first_match" ? matching[0] : strictest(matching);
    return first ?? (byDefault === "allow" ? ALLOWED : DENIED);
  };
}

function strictest(decisions: readonly Decision[]): Decision | undefined {
  return (
    decisions.find(({ effect }) => effect === "deny") ??
    decisions.find(({ effect }) => effect === "ask") ??
    decisions[0]
  );
}

function toDecision<Condition>({ id, effect }: ListedRule<Condition>): Decision {
  const common = { rules: [id], engine: "rule-list" };
  switch (effect.action) {
    case "allow":
      return { ...common, effect: "allow", code: "allow.rule", reason: `allowed by rule ${id}` };
    case "deny":
      return { ...common, effect: "deny", code: "deny.rule", reason: effect.reason };
    case "require_approval": {
      const { approver, reason } = effect;
      return { ...common, effect: "ask", code: `require.approval:${approver}`, reason, role: approver };
    }
    default:
      throw new RangeError(`rule ${id} has an effect that is not known`);
  }
}

/** No rule says anything. */
export const DENIED: Decision = Object.freeze({
  effect: "deny",
  code: "default",
  reason: "no rule allows this",
  rules: Object.freeze([]),
  engine: "rule-list",
});
const ALLOWED: Decision = Object.freeze({ ...DENIED, effect: "allow", reason: "allowed by default" });
