import { sha256Hex } from "@symbiont/keys";
import { displayText } from "@symbiont/schemapin";
import type { View } from "./scan-line.ts";
import type { Confidence, Severity } from "./scan-rule.ts";

/** Something that a rule found. */
export interface Finding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Path within the skill. */
  readonly file: string;
  /** From 1; absent when it is about the whole file. */
  readonly line?: number;
  /** From 1, in UTF-16 units. */
  readonly column?: number;
  readonly view: View;
  /** What was found, on one line with nothing hidden in it; at most 120 characters. Untrusted text. */
  readonly excerpt: string;
  /** Why it matters, and why so. */
  readonly why: readonly string[];
  /** The same for the same rule, file and text, wherever it stands; suppressions name it. */
  readonly fingerprint: string;
  /** Set where a suppression took it out of the verdict. */
  readonly suppressed?: { readonly reason: string; readonly expiresAt: number };
}

const EXCERPT = 120;

/** What a finding is made of. */
export type FindingFacts = Omit<Finding, "excerpt" | "fingerprint"> & { readonly found: string };

/** Makes a finding fit to be shown and to be told again. */
export function makeFinding(facts: FindingFacts): Finding {
  const { found, ...rest } = facts;
  const excerpt = displayText(found, EXCERPT - 1);
  const subject = [facts.ruleId, facts.file, excerpt.replace(/\s+/g, " ").toLowerCase()];
  return Object.freeze({ ...rest, excerpt, fingerprint: sha256Hex(JSON.stringify(subject)).slice(0, 32) });
}

/** What a skill may be used for: `block` not at all, `review` after a person looked at it, `info` as it is. */
export type Verdict = "block" | "review" | "info";

/** The verdict on findings that are not suppressed. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const grave = findings.filter(
    ({ severity, suppressed }) =>
      suppressed === undefined && (severity === "critical" || severity === "high"),
  );
  if (grave.some(({ confidence }) => confidence === "high")) return "block";
  return grave.some(({ confidence }) => confidence === "medium") ? "review" : "info";
}
