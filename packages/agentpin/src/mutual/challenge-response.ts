import { type PrivateKey, sign, verify } from "@symbiont/keys";
import { decodeBase64, encodeBase64, type ReplayStore } from "@symbiont/kit";
import type { VerifiedCredential } from "../verify/verification.ts";
import { type Challenge, isSafeNonce, readChallenge } from "./challenge.ts";
import { checkChallengeAge, invalidResponse, useNonce } from "./nonce-use.ts";

/** An answer as it goes over the wire. */
export interface ChallengeResponse {
  readonly type: "agentpin-response";
  readonly nonce: string;
  /** Base64 of the DER signature over the nonce. */
  readonly signature: string;
  readonly kid: string;
}

/** Who answers. */
export interface Responder {
  /** The key that signs the responder's credentials. */
  readonly key: PrivateKey;
  readonly kid: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** What an answer is judged by. */
export interface ResponseCase {
  /** The challenge that was sent, as it was kept. */
  readonly challenge: Challenge;
  /** The responder's credential, verified. */
  readonly credential: Pick<VerifiedCredential, "kid" | "publicKey">;
  /** Remembers answered challenges. */
  readonly replay: ReplayStore;
  /** Seconds since the epoch. */
  readonly now: number;
}

/**
 * Answers a challenge in the protocol's own form. Prefer `respondWithJws`, which says who proves what to whom: this form
 * can be relayed.
 * @throws AgentPinError `AGENTPIN_CHALLENGE_INVALID` for a nonce that could be a token, an attestation or a card.
 */
export function respondToChallenge(challenge: unknown, { key, kid, now }: Responder): ChallengeResponse {
  const { nonce } = readChallenge(challenge, now);
  return { type: "agentpin-response", nonce, signature: encodeBase64(sign(key, nonce, { lowS: true })), kid };
}

/**
 * Verifies an answer in the protocol's own form: the right type, nonce and key, in time, and for the first time.
 * @throws AgentPinError `AGENTPIN_RESPONSE_INVALID`
 */
export async function verifyChallengeResponse(
  response: unknown,
  { challenge, credential, replay, now }: ResponseCase,
): Promise<void> {
  if (typeof response !== "object" || response === null) throw invalidResponse("type");
  const { type, nonce, signature, kid } = response as Readonly<Record<string, unknown>>;
  if (type !== "agentpin-response") throw invalidResponse("type");
  if (!isSafeNonce(nonce) || nonce !== challenge.nonce) throw invalidResponse("nonce");
  if (kid !== credential.kid) throw invalidResponse("kid");
  checkChallengeAge(challenge, now);
  if (typeof signature !== "string" || !holds(credential, signature, nonce))
    throw invalidResponse("signature");
  await useNonce(nonce, replay);
}

function holds({ publicKey }: ResponseCase["credential"], signature: string, nonce: string): boolean {
  try {
    return verify(publicKey, decodeBase64(signature), nonce, { format: "der" });
  } catch {
    return false;
  }
}
