import type { PublicKey } from "@symbiont/keys";
import type { JsonObject } from "@symbiont/kit";
import type { CredentialClaims } from "../credential/credential-claims.ts";
import type { Refusal } from "../refusal.ts";

/** Something that a verified credential's user should know. */
export type VerificationWarning =
  | "audience_wildcard"
  | "delegation_not_checked"
  | "discovery_stale"
  | "proof_not_checked"
  | "revocation_not_checked";

/** A party of a delegation chain whose attestation was verified. */
export interface VerifiedDelegator {
  readonly domain: string;
  readonly role: "maker" | "deployer";
  readonly agentId: string;
}

/** What a credential that passed every step says. Frozen. */
export interface VerifiedCredential {
  readonly valid: true;
  /** Domain of the issuer. */
  readonly issuer: string;
  /** The agent. */
  readonly agentId: string;
  readonly audience: string | undefined;
  readonly capabilities: readonly string[];
  /** What the credential claims and, where it says nothing, what the agent's document declares. Not enforced here. */
  readonly constraints: JsonObject | undefined;
  readonly jti: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  readonly kid: string;
  /** Lower-case hexadecimal RFC 7638 digest of the key. */
  readonly keyThumbprint: string;
  /** The key itself, for what its owner signs besides. */
  readonly publicKey: PublicKey;
  /** From the maker on; empty when the credential was not delegated, or the chain was not checked. */
  readonly delegation: readonly VerifiedDelegator[];
  readonly pin: "first_use" | "pinned" | "not_checked";
  readonly warnings: readonly VerificationWarning[];
  /** Every claim, also those that the protocol does not know. */
  readonly claims: CredentialClaims & JsonObject;
}

/** What came of a verification. Only a valid one has anything in it that may be used. */
export type Verification = VerifiedCredential | Refusal;
