import { sha256Hex } from "@symbiont/keys";
import { canonicalJson } from "@symbiont/kit";
import { SkillError } from "../skill-error.ts";
import { type CompiledCustomRule, type CustomRule, compileCustomRules } from "./custom-rule.ts";
import { LineScanner } from "./line-scanner.ts";
import { BUILT_IN_RULES, RULESET_VERSION } from "./rules/built-in-rules.ts";
import { LEGACY_RULES } from "./rules/legacy-rules.ts";
import type { ScanRule, Severity } from "./scan-rule.ts";

/** Which rules hold. */
export interface RulesetOptions {
  readonly customRules?: readonly CustomRule[];
  /** Programs that the first line of a script may name; all others are findings that block. Default: any. */
  readonly allowedExecutables?: readonly string[];
  /** Line rules that do not hold, by our ids or those of Symbiont. Default none. */
  readonly disabledRules?: readonly string[];
  /** Severities other than the built-in ones, by our ids or those of Symbiont. Default none. */
  readonly severities?: Readonly<Record<string, Severity>>;
}

/** Rules made ready. */
export interface Ruleset {
  readonly version: string;
  readonly hash: string;
  readonly lines: LineScanner;
  readonly custom: readonly CompiledCustomRule[];
  readonly allowedExecutables: ReadonlySet<string> | undefined;
}

/** @throws SkillError `SKILL_RULE_INVALID`, also for an id that is not known. */
export function makeRuleset(options: RulesetOptions = {}): Ruleset {
  const { customRules = [], allowedExecutables, disabledRules = [], severities = {} } = options;
  const disabled = new Set(disabledRules.flatMap(ruleIds));
  const changed = new Map(
    Object.entries(severities).flatMap(([id, severity]) =>
      ruleIds(id).map((ours) => [ours, severity] as const),
    ),
  );
  const rules = BUILT_IN_RULES.filter(({ id }) => !disabled.has(id)).map((rule): ScanRule => {
    const severity = changed.get(rule.id);
    return severity === undefined ? rule : { ...rule, severity };
  });
  const custom = compileCustomRules(customRules);
  const stated = {
    version: RULESET_VERSION,
    rules,
    customRules,
    allowedExecutables: allowedExecutables ?? null,
  };
  return {
    version: RULESET_VERSION,
    hash: sha256Hex(canonicalJson(stated)),
    lines: new LineScanner(rules),
    custom,
    allowedExecutables: allowedExecutables === undefined ? undefined : new Set(allowedExecutables),
  };
}

function ruleIds(id: string): readonly string[] {
  if (BUILT_IN_RULES.some((rule) => rule.id === id)) return [id];
  const ours = Object.hasOwn(LEGACY_RULES, id) ? LEGACY_RULES[id] : undefined;
  if (ours === undefined) throw new SkillError("SKILL_RULE_INVALID", "an id names no rule that can be set");
  return ours;
}
