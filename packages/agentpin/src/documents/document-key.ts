import { importPublicKeyJwk, type PublicKey } from "@symbiont/keys";
import { decodeBase64Url, encodeHex, parseRfc3339 } from "@symbiont/kit";
import { invalidDocument, membersOf, requiredText } from "./document-members.ts";

const MAX_KID_LENGTH = 128;
const DATE = /^\d{4}-\d\d-\d\d$/;
const PRIVATE_MEMBERS: readonly string[] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

/** Why a published key cannot be used. */
export type KeyProblem = "key_invalid" | "key_use";

/** A key as an issuer published it. */
export interface DocumentKey {
  readonly kid: string;
  /** Seconds since the epoch after which nothing it signed counts; absent: for ever. */
  readonly expiresAt?: number;
  /** The key, or why it cannot be used: an unusable key harms only the credentials that name it. */
  readonly key: PublicKey | KeyProblem;
  /** Lower-case hexadecimal RFC 7638 digest; absent when the key cannot be used. */
  readonly thumbprint?: string;
}

/** @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` */
export function readDocumentKey(value: unknown): DocumentKey {
  const jwk = membersOf(value, "a key");
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name)))
    throw invalidDocument("private_key_published", "a private key is published");
  const kid = requiredText(jwk["kid"], "kid", MAX_KID_LENGTH);
  const expiresAt = readExpiry(jwk["exp"]);
  const key = readKey(jwk);
  return {
    kid,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    key,
    ...(typeof key === "string" ? {} : { thumbprint: thumbprintHex(key) }),
  };
}

/** AgentPin's spelling of the RFC 7638 thumbprint: hexadecimal. */
export function thumbprintHex(key: PublicKey): string {
  return encodeHex(decodeBase64Url(key.thumbprint));
}

/** Reads the key itself. Only canonical coordinates of 32 bytes pass, so that one key has one thumbprint. */
export function readKey(jwk: unknown): PublicKey | KeyProblem {
  const { use, key_ops: operations } = membersOf(jwk, "a key");
  if (use !== "sig") return "key_use";
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify")))
    return "key_use";
  try {
    return importPublicKeyJwk(jwk, { algorithm: "ES256", requireUse: true });
  } catch {
    return "key_invalid";
  }
}

/** An instant, or a bare date, which stands for its first moment: the earlier reading is the safe one. */
function readExpiry(exp: unknown): number | undefined {
  if (exp === undefined || exp === null) return undefined;
  if (typeof exp !== "string") throw invalidDocument("key_exp_type", "the expiry of a key is not text");
  const ms = parseRfc3339(DATE.test(exp) ? `${exp}T00:00:00Z` : exp);
  if (ms === undefined) throw invalidDocument("key_exp_unparseable", "the expiry of a key is not a time");
  return ms / 1000;
}
