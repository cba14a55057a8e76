import { encodeBase64Url, parseRfc3339 } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";

/** A challenge as it goes over the wire. */
export interface Challenge {
  readonly type: "agentpin-challenge";
  readonly nonce: string;
  /** RFC 3339. */
  readonly timestamp: string;
  /** The challenger's own credential, for a mutual exchange. */
  readonly verifier_credential?: string;
}

/** How long a challenge may be answered, in seconds. */
export const CHALLENGE_LIFETIME_SECONDS = 60;

const NONCE_BYTES = 32;
/**
 * Nothing that could mean anything else: no dot as in a token, no `|` as in an attestation, no brace as in JSON. What is
 * signed in the protocol's own exchange is the bare nonce, with the very key that signs credentials.
 */
const NONCE = /^[A-Za-z0-9_-]{22,86}$/;

/** Tells whether a nonce is one that may be signed. */
export function isSafeNonce(nonce: unknown): nonce is string {
  return typeof nonce === "string" && NONCE.test(nonce);
}

/** Makes a challenge. Keep it until the answer comes; never take it from the answer. @param now seconds since the epoch. */
export function createChallenge(now: number, verifierCredential?: string): Challenge {
  const nonce = encodeBase64Url(globalThis.crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  const timestamp = new Date(now * 1000).toISOString();
  return {
    type: "agentpin-challenge",
    nonce,
    timestamp,
    ...(verifierCredential === undefined ? {} : { verifier_credential: verifierCredential }),
  };
}

/**
 * Reads a challenge that somebody sent.
 * @param now seconds since the epoch; the challenge may be 60 seconds off in either direction.
 * @throws AgentPinError `AGENTPIN_CHALLENGE_INVALID` with reason `type`, `nonce` or `timestamp`
 */
export function readChallenge(value: unknown, now: number): Challenge {
  if (typeof value !== "object" || value === null) throw invalid("type");
  const { type, nonce, timestamp } = value as Readonly<Record<string, unknown>>;
  if (type !== "agentpin-challenge") throw invalid("type");
  if (!isSafeNonce(nonce)) throw invalid("nonce");
  const at = parseRfc3339(timestamp);
  if (at === undefined || !(Math.abs(now - at / 1000) <= CHALLENGE_LIFETIME_SECONDS))
    throw invalid("timestamp");
  return value as Challenge;
}

function invalid(reason: string): AgentPinError {
  return new AgentPinError("AGENTPIN_CHALLENGE_INVALID", `challenge must not be answered: ${reason}`, {
    reason,
  });
}
