import type { SignableField } from "./tool-envelope.ts";
import type { VerifyProfile } from "./verify-profile.ts";

declare const issuedByVerifier: unique symbol;

/** Something about a tool that its signature does not answer. */
export interface ToolConcern {
  readonly code: string;
  readonly reason: string;
  /** `strict`: blocks in strict mode. `note`: never blocks by itself. */
  readonly weight: "strict" | "note";
}

/** What is known of a tool that was verified. */
export interface VerifiedFacts {
  /** `sha256:<hex>` of the canonical definition. */
  readonly digest: string;
  /** Visible members that are verified, and those that are not. */
  readonly covered: readonly SignableField[];
  readonly uncovered: readonly SignableField[];
  /** How the signed text was written; absent when a lock file vouches instead of a signature. */
  readonly profile?: VerifyProfile | undefined;
  /** Fingerprint of the key that signed. */
  readonly keyFingerprint?: string | undefined;
  readonly concerns: readonly ToolConcern[];
}

/**
 * A tool that was verified. Only the verifier can make one: no other code can write its brand, and what was not issued
 * is refused at run time.
 */
export interface Verified extends VerifiedFacts {
  readonly status: "verified";
  readonly [issuedByVerifier]: true;
}

/** A tool that was not verified, and why. */
export interface NotVerified {
  /** `failed`: a check said no. `pending`: no answer yet. `skipped`: there was nothing to check, as without a signature. */
  readonly status: "failed" | "pending" | "skipped";
  readonly code: string;
  readonly reason: string;
}

/** How a tool stands. */
export type Verification = Verified | NotVerified;

const issued = new WeakSet<object>();

/** Makes a verified status. Not exported by the package: whoever can call this can vouch for anything. */
export function issueVerified(facts: VerifiedFacts): Verified {
  const { digest, covered, uncovered, profile, keyFingerprint, concerns } = facts;
  const verified = Object.freeze({
    status: "verified",
    digest,
    covered,
    uncovered,
    profile,
    keyFingerprint,
    concerns,
  }) as unknown as Verified;
  issued.add(verified);
  return verified;
}

/** Tells whether a status is a verified one that the verifier of this very package issued. */
export function isVerified(verification: unknown): verification is Verified {
  return typeof verification === "object" && verification !== null && issued.has(verification);
}
