import { compilePattern, type LinearPattern } from "@symbiont/kit/linear-pattern";
import { SkillError } from "../skill-error.ts";
import type { Confidence, Severity } from "./scan-rule.ts";

/** A rule of the operator's own. */
export interface CustomRule {
  /** Lower-case letters, digits and hyphens; findings have `custom.` before it. */
  readonly id: string;
  readonly severity: Severity;
  /** Default `high`: with severity `high` or `critical` a match blocks. */
  readonly confidence?: Confidence;
  readonly why: string;
  /**
   * An expression as JavaScript's `u` flag reads it, without back-references and look-around. It is matched in linear
   * time, on each line in each of its readings.
   */
  readonly pattern: string;
  /** Whether upper and lower case are the same; the pattern is then in lower case. Default `false`. */
  readonly ignoreCase?: boolean;
}

/** A custom rule made ready. */
export interface CompiledCustomRule {
  readonly id: string;
  readonly rule: CustomRule;
  readonly matches: (text: string) => boolean;
}

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const SEVERITIES: readonly unknown[] = ["critical", "high", "medium", "low"] satisfies readonly Severity[];
const CONFIDENCES: readonly unknown[] = ["high", "medium", "low"] satisfies readonly Confidence[];

/**
 * Makes rules ready.
 * @throws SkillError `SKILL_RULE_INVALID`: a rule that does not work must not look as if it did.
 */
export function compileCustomRules(rules: readonly CustomRule[]): readonly CompiledCustomRule[] {
  const ids = new Set<string>();
  return rules.map((rule) => {
    const { id, severity, confidence = "high", pattern, ignoreCase = false } = rule;
    if (!ID.test(id)) throw invalid("a custom rule has an id of other characters than a-z, 0-9 and hyphens");
    if (ids.has(id)) throw invalid(`two custom rules are called ${id}`);
    if (!SEVERITIES.includes(severity)) throw invalid(`custom rule ${id} has an unknown severity`);
    if (!CONFIDENCES.includes(confidence)) throw invalid(`custom rule ${id} has an unknown confidence`);
    ids.add(id);
    const matches = compile(id, pattern);
    return {
      id: `custom.${id}`,
      rule,
      matches: (text) => matches(ignoreCase ? text.toLowerCase() : text, spendNothing),
    };
  });
}

/** Its time is linear in the text, which is bounded. */
function spendNothing(): void {}

function compile(id: string, pattern: string): LinearPattern {
  try {
    return compilePattern(pattern);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new SkillError("SKILL_RULE_INVALID", `custom rule ${id} has a pattern that cannot be used`, {
      cause,
    });
  }
}

function invalid(why: string): SkillError {
  return new SkillError("SKILL_RULE_INVALID", why);
}
