import { parseRfc3339 } from "@symbiont/kit";
import { SchemaPinError } from "../schemapin-error.ts";

/**
 * What a signer says beside a signature, with the names of the wire. Protocol 1.4 does not sign any of it, so that it
 * can only ever tighten a decision.
 */
export interface SignatureClaims {
  /** RFC 3339. */
  readonly expires_at?: unknown;
  /** The signer's own version of what is signed; opaque. */
  readonly schema_version?: unknown;
  /** `sha256:<hex>` of the version before. */
  readonly previous_hash?: unknown;
}

/** What claims say, and what is odd about them. Not authenticated. */
export interface ClaimsReport {
  readonly expired: boolean;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  readonly schemaVersion?: string;
  readonly previousHash?: string;
  /** In the words of the protocol. */
  readonly warnings: readonly ("signature_expired" | "signature_expires_at_unparseable")[];
}

/** How claims are judged. */
export interface ClaimsPolicy {
  /** `strict` refuses what has expired or does not say when; `permissive` reports it. */
  readonly mode: "strict" | "permissive";
  /** The one version that is acceptable, in both modes. Default any, also none. */
  readonly schemaVersion?: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Reads claims and reports on them; nothing is refused. */
export function inspectClaims(claims: SignatureClaims, now: number): ClaimsReport {
  const { expires_at, schema_version, previous_hash } = claims;
  const stated = expires_at !== undefined && expires_at !== null;
  const expiresAt = stated ? parseRfc3339(expires_at) : undefined;
  // Written so that a clock that gives NaN refuses.
  const expired = expiresAt !== undefined && !(now <= expiresAt);
  const warnings: ClaimsReport["warnings"][number][] = [];
  if (expired) warnings.push("signature_expired");
  if (stated && expiresAt === undefined) warnings.push("signature_expires_at_unparseable");
  return {
    expired,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(typeof schema_version === "string" ? { schemaVersion: schema_version } : {}),
    ...(typeof previous_hash === "string" ? { previousHash: previous_hash } : {}),
    warnings,
  };
}

/**
 * Judges claims.
 * @throws SchemaPinError `SCHEMAPIN_SIGNATURE_EXPIRED`, `SCHEMAPIN_SCHEMA_VERSION_MISMATCH`
 */
export function checkClaims(claims: SignatureClaims, policy: ClaimsPolicy): ClaimsReport {
  const report = inspectClaims(claims, policy.now);
  if (policy.mode !== "permissive" && report.warnings.length > 0) {
    const why = report.expired ? "the signature has expired" : "expires_at is not an RFC 3339 time";
    throw new SchemaPinError("SCHEMAPIN_SIGNATURE_EXPIRED", why);
  }
  if (policy.schemaVersion !== undefined && report.schemaVersion !== policy.schemaVersion) {
    throw new SchemaPinError(
      "SCHEMAPIN_SCHEMA_VERSION_MISMATCH",
      "what is signed is of another version than expected",
    );
  }
  return report;
}
