import { importPublicKeyPem, type PublicKey, verify } from "@symbiont/keys";
import {
  type Clock,
  decodeBase64,
  type JsonTree,
  KitError,
  parseJsonTree,
  parseRfc3339,
  SCHEMAPIN_V1,
  writeJsonTree,
} from "@symbiont/kit";
import type { TrustLedger } from "../discovery/trust-ledger.ts";
import { SchemaPinError } from "../schemapin-error.ts";
import { invalidBundle, isMembers, type Members, readBundleDocuments } from "./read-bundle.ts";
import type { TrustBundle } from "./trust-bundle.ts";

/** Whose bundles count. */
export interface VerifyTrustBundleOptions {
  /** Fingerprint (`sha256:<hex>`) of each authority's key, by key id. Nobody else is believed, not even at first. */
  readonly authorities: ReadonlyMap<string, string>;
  /** Remembers the newest bundle of each authority, so that an older one cannot replace it. */
  readonly ledger: TrustLedger;
  /** Longest time since it was signed, in milliseconds. Default none beyond what the bundle says. */
  readonly maxAgeMs?: number;
  /** Largest bundle in bytes. Default 4,194,304. */
  readonly maxBytes?: number;
  /** Default `Date`. */
  readonly clock?: Clock;
}

const SKEW_MS = 60_000;
const MAX_BYTES = 4 << 20;

/**
 * Verifies a trust bundle on its text, as it was received.
 *
 * Differs from Symbiont's protocol libraries: authorities are named by the operator instead of trusted at first sight,
 * and a bundle older than one that was accepted before is refused.
 *
 * @throws SchemaPinError `SCHEMAPIN_CANONICALIZATION_FAILED` for a text that is not strict JSON,
 * `SCHEMAPIN_BUNDLE_UNSIGNED`, `SCHEMAPIN_KEY_NOT_FOUND` for an unknown authority, `SCHEMAPIN_KEY_PIN_MISMATCH`,
 * `SCHEMAPIN_SIGNATURE_INVALID`, `SCHEMAPIN_BUNDLE_EXPIRED`, `SCHEMAPIN_BUNDLE_INVALID`, `SCHEMAPIN_BUNDLE_ROLLBACK`,
 * and what the ledger throws.
 */
export async function verifyTrustBundle(
  text: string | Uint8Array,
  options: VerifyTrustBundleOptions,
): Promise<TrustBundle> {
  const { authorities, ledger, maxBytes = MAX_BYTES, clock = Date } = options;
  const bundle = parse(text, maxBytes);
  const kid = checkAuthority(bundle, authorities);
  checkVersion(bundle);
  const { signedAt, validUntil } = checkTimes(bundle, clock.now(), options.maxAgeMs);
  const documents = readBundleDocuments(bundle);
  // Last: a bundle that is refused must not make an older, good one look outdated.
  if (!(await ledger.advanceBundle(kid, signedAt))) {
    throw new SchemaPinError(
      "SCHEMAPIN_BUNDLE_ROLLBACK",
      "a newer bundle of this authority was accepted before",
    );
  }
  return { kid, signedAt, validUntil, ...documents };
}

function parse(text: string | Uint8Array, maxBytes: number): Members {
  let tree: JsonTree;
  try {
    tree = parseJsonTree(text, { maxBytes, reservedNames: [] });
  } catch (cause) {
    if (!KitError.is(cause)) throw cause;
    const message = `trust bundle cannot be read: ${cause.message}`;
    throw new SchemaPinError("SCHEMAPIN_CANONICALIZATION_FAILED", message, { cause });
  }
  if (!isMembers(tree)) throw invalidBundle("it is not an object");
  return tree;
}

/** Gives the key id of the authority that signed. */
function checkAuthority(bundle: Members, authorities: ReadonlyMap<string, string>): string {
  const { bundle_authority: authority, signature } = bundle;
  const { kid, public_key_pem: pem } = isMembers(authority) ? authority : {};
  if (typeof kid !== "string" || typeof pem !== "string" || typeof signature !== "string") {
    throw new SchemaPinError("SCHEMAPIN_BUNDLE_UNSIGNED", "the trust bundle is not signed");
  }
  const expected = authorities.get(kid);
  if (expected === undefined)
    throw new SchemaPinError("SCHEMAPIN_KEY_NOT_FOUND", "the trust bundle's authority is not known");
  const key = importAuthority(pem);
  if (key.fingerprint !== expected.toLowerCase()) {
    throw new SchemaPinError("SCHEMAPIN_KEY_PIN_MISMATCH", "the trust bundle is signed with another key");
  }
  // Unlike a schema, a bundle is hashed once.
  const signed = writeJsonTree({ ...bundle, signature: "" }, SCHEMAPIN_V1);
  if (!holds(signature, signed, key))
    throw new SchemaPinError("SCHEMAPIN_SIGNATURE_INVALID", "the signature does not hold for this bundle");
  return kid;
}

function importAuthority(pem: string): PublicKey {
  try {
    return importPublicKeyPem(pem, { algorithm: "ES256" });
  } catch (cause) {
    throw new SchemaPinError("SCHEMAPIN_KEY_NOT_FOUND", "the authority's key is not a P-256 public key", {
      cause,
    });
  }
}

function holds(signature: string, signed: string, key: PublicKey): boolean {
  let der: Uint8Array;
  try {
    der = decodeBase64(signature);
  } catch {
    return false;
  }
  return verify(key, der, signed);
}

/** What a later version means is not known. */
function checkVersion(bundle: Members): void {
  const version = bundle["schemapin_bundle_version"];
  if (typeof version !== "string" || !/^1\.\d{1,4}$/.test(version))
    throw invalidBundle("its version is unknown");
}

function checkTimes(
  bundle: Members,
  now: number,
  maxAgeMs = Number.POSITIVE_INFINITY,
): Pick<TrustBundle, "signedAt" | "validUntil"> {
  const signedAt = parseRfc3339(bundle["signed_at"]);
  if (signedAt === undefined) throw invalidBundle("signed_at is not an RFC 3339 time");
  // One from the future would lock out every bundle until then.
  if (!(signedAt <= now + SKEW_MS)) throw invalidBundle("it was signed in the future");
  const stated = bundle["expires_at"] ?? undefined;
  const expiresAt = stated === undefined ? Number.POSITIVE_INFINITY : parseRfc3339(stated);
  if (expiresAt === undefined) throw expired("when the trust bundle expires cannot be read");
  const validUntil = Math.min(expiresAt + SKEW_MS, signedAt + maxAgeMs);
  if (!(now <= validUntil)) throw expired("the trust bundle has expired");
  return { signedAt, validUntil };
}

function expired(message: string): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_BUNDLE_EXPIRED", message);
}
