import type { Confidence, Place, ScanRule, Severity } from "./scan-rule.ts";

/** A rule made ready. */
export interface CompiledRule {
  readonly rule: ScanRule;
  readonly steps: readonly RegExp[];
  readonly within: number;
  readonly also?: RegExp;
  readonly unless?: RegExp;
  readonly demote?: RegExp;
  readonly raise?: RegExp;
}

/** Where a rule matched. */
export interface RuleMatch {
  readonly start: number;
  readonly end: number;
}

const WITHIN = 240;
/** Lines are looked at in pieces that overlap by more than any rule reaches. */
export const MAX_WITHIN = 700;

/** Makes a rule ready. @throws SyntaxError, RangeError */
export function compileRule(rule: ScanRule): CompiledRule {
  const { within = WITHIN } = rule;
  if (!(within > 0 && within <= MAX_WITHIN)) throw new RangeError(`within must be at most ${MAX_WITHIN}`);
  const line = (name: "also" | "unless" | "demote" | "raise"): Partial<Record<typeof name, RegExp>> => {
    const source = rule[name];
    return source === undefined ? {} : { [name]: new RegExp(source, "i") };
  };
  return {
    rule,
    within,
    steps: rule.steps.map((source) => new RegExp(source, "gi")),
    ...line("also"),
    ...line("unless"),
    ...line("demote"),
    ...line("raise"),
  };
}

/**
 * Finds the first place where the steps match one behind the other. What a later step found is kept while it is still
 * ahead, so that the text is passed over once by each step.
 */
export function matchSteps({ steps, within }: CompiledRule, text: string): RuleMatch | undefined {
  const [first, ...rest] = steps;
  if (first === undefined) return undefined;
  const ahead: (RegExpExecArray | undefined)[] = rest.map(() => undefined);
  for (let from = 0; ; ) {
    const match = execFrom(first, text, from);
    if (match === null) return undefined;
    let end = match.index + match[0].length;
    let isWhole = true;
    for (const [index, step] of rest.entries()) {
      let next = ahead[index];
      if (next === undefined || next.index < end) {
        next = execFrom(step, text, end) ?? undefined;
        // Nothing of it is left: no later beginning can help.
        if (next === undefined) return undefined;
        ahead[index] = next;
      }
      end = next.index + next[0].length;
      if (end - match.index > within) {
        isWhole = false;
        break;
      }
    }
    if (isWhole) return { start: match.index, end };
    from = match.index + Math.max(1, match[0].length);
  }
}

function execFrom(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

const LEVELS: readonly Confidence[] = ["low", "medium", "high"];

/** A confidence some levels higher or lower. */
export function shifted(confidence: Confidence, by: number): Confidence {
  const index = Math.min(2, Math.max(0, LEVELS.indexOf(confidence) + by));
  return LEVELS[index] ?? "low";
}

/** How sure a rule is in a place. */
export function confidenceIn({ confidence }: ScanRule, place: Place): Confidence {
  const { code, fence, prose, comment = prose, data = fence } = confidence;
  return { code, fence, prose, comment, data }[place];
}

/** `medium` where a rule says that a line is less grave. */
export function severityOn({ rule, demote }: CompiledRule, text: string): Severity {
  const isGrave = rule.severity === "critical" || rule.severity === "high";
  return isGrave && demote?.test(text) === true ? "medium" : rule.severity;
}
