import { SkillError } from "../skill-error.ts";
import type { Finding } from "./finding.ts";

/** Takes one finding in one version of one skill out of the verdict. It stays in the report. */
export interface Suppression {
  /** The finding's. */
  readonly fingerprint: string;
  /** The snapshot's: another version of the skill is not meant. */
  readonly digest: string;
  /** Why it is harmless. */
  readonly reason: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

const FINGERPRINT = /^[0-9a-f]{32}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** What nobody can have looked at is not for anybody to wave through. */
const PERMANENT =
  /^hidden\.|^coverage\.(?:executable|bytecode|disguise|time|mode-bits|special-file|symlink)$/;

/** @throws SkillError `SKILL_SUPPRESSION_INVALID` when one lacks its digest, its reason or its end. */
export function checkSuppressions(suppressions: readonly Suppression[]): void {
  for (const { fingerprint, digest, reason, expiresAt } of suppressions) {
    const isSound =
      FINGERPRINT.test(fingerprint) &&
      DIGEST.test(digest) &&
      reason.trim() !== "" &&
      Number.isSafeInteger(expiresAt);
    if (isSound) continue;
    throw new SkillError(
      "SKILL_SUPPRESSION_INVALID",
      "a suppression needs the fingerprint of a finding, the digest of a skill, a reason and an end",
    );
  }
}

/** Marks the findings that are suppressed now in this skill. */
export function withSuppressions(
  findings: readonly Finding[],
  suppressions: readonly Suppression[],
  { digest, now }: { readonly digest: string; readonly now: number },
): readonly Finding[] {
  const current = suppressions.filter((one) => one.digest === digest && now < one.expiresAt);
  if (current.length === 0) return findings;
  const byFingerprint = new Map(current.map((one) => [one.fingerprint, one]));
  return findings.map((finding) => {
    const suppression = byFingerprint.get(finding.fingerprint);
    if (suppression === undefined || PERMANENT.test(finding.ruleId)) return finding;
    const { reason, expiresAt } = suppression;
    return Object.freeze({ ...finding, suppressed: { reason, expiresAt } });
  });
}
