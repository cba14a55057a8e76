import { type PrivateKey, sha256, sign, verify } from "@symbiont/keys";
import { encodeBase64Url, encodeUtf8, type JsonObject, type ReplayStore } from "@symbiont/kit";
import { readJwsObject, readJwsSignature, splitCompactJws } from "../credential/compact-jws.ts";
import type { VerifiedCredential } from "../verify/verification.ts";
import { CHALLENGE_LIFETIME_SECONDS, type Challenge, readChallenge } from "./challenge.ts";
import { checkChallengeAge, invalidResponse, useNonce } from "./nonce-use.ts";

/** `typ` of an answer: with it in the signed text, no answer can be anything else. */
export const RESPONSE_TYPE = "agentpin-response+jwt";

/** Which side of an exchange answers: the answer of one side is none of the other's. */
export type MutualRole = "initiator" | "responder";

/** What both sides of an exchange know of it. */
export interface MutualExchange {
  /** The side that answers. */
  readonly role: MutualRole;
  /** The credential of the side that answers, as text. */
  readonly credential: string;
  /** The credential of the side that challenged, as text; undefined when only one side proves itself. */
  readonly challengerCredential?: string;
  /** Name of the side that challenged, as its credentials' audiences name it. */
  readonly challenger: string;
  /** Something that only this connection has, for example an exported TLS key. Default none. */
  readonly channelBinding?: string;
}

/** Who answers. */
export interface JwsResponder extends MutualExchange {
  /** The key that signs the responder's credentials. */
  readonly key: PrivateKey;
  /** The responder's own verified or issued claims. */
  readonly claims: Pick<VerifiedCredential, "issuer" | "agentId" | "jti" | "kid">;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** What an answer is judged by. */
export interface JwsResponseCase extends MutualExchange {
  /** The challenge that was sent, as it was kept. */
  readonly challenge: Challenge;
  /** The credential of the side that answers, verified. */
  readonly verified: VerifiedCredential;
  readonly replay: ReplayStore;
  /** Seconds since the epoch. */
  readonly now: number;
}

/**
 * Answers a challenge by a signed statement of who proves what to whom, over which credentials and channel.
 * @throws AgentPinError `AGENTPIN_CHALLENGE_INVALID`
 */
export function respondWithJws(challenge: unknown, responder: JwsResponder): string {
  const { key, claims, now } = responder;
  const { nonce } = readChallenge(challenge, now);
  const header = { alg: "ES256", typ: RESPONSE_TYPE, kid: claims.kid };
  const payload = {
    iss: claims.issuer,
    sub: claims.agentId,
    jti: claims.jti,
    ...statement(responder),
    nonce,
    iat: Math.floor(now),
    exp: Math.floor(now) + CHALLENGE_LIFETIME_SECONDS,
  };
  const input = [header, payload].map((part) => encodeBase64Url(encodeUtf8(JSON.stringify(part)))).join(".");
  return `${input}.${encodeBase64Url(sign(key, input, { format: "raw", lowS: true }))}`;
}

/**
 * Verifies such an answer: every part of the statement, in time, and for the first time.
 * @throws AgentPinError `AGENTPIN_RESPONSE_INVALID`
 */
export async function verifyJwsResponse(response: unknown, about: JwsResponseCase): Promise<void> {
  const { challenge, verified, replay, now } = about;
  const parts = splitCompactJws(response);
  const header = parts === undefined ? "malformed" : readJwsObject(parts.header);
  const payload = parts === undefined ? "malformed" : readJwsObject(parts.payload);
  const signature = parts === undefined ? undefined : readJwsSignature(parts.signature);
  if (
    parts === undefined ||
    typeof header === "string" ||
    typeof payload === "string" ||
    signature === undefined
  )
    throw invalidResponse("malformed");
  if (header["alg"] !== "ES256" || header["typ"] !== RESPONSE_TYPE || Object.hasOwn(header, "crit"))
    throw invalidResponse("type");
  if (header["kid"] !== verified.kid) throw invalidResponse("kid");
  if (payload["nonce"] !== challenge.nonce) throw invalidResponse("nonce");
  const { issuer: iss, agentId: sub, jti } = verified;
  for (const [name, value] of Object.entries({ iss, sub, jti, ...statement(about) }))
    if (payload[name] !== value) throw invalidResponse(name);
  if (!about.channelBinding && payload["channel"] !== undefined) throw invalidResponse("channel");
  checkLife(payload, now);
  checkChallengeAge(challenge, now);
  if (!verify(verified.publicKey, signature, parts.signingInput, { format: "raw" }))
    throw invalidResponse("signature");
  await useNonce(challenge.nonce, replay);
}

/** What both sides must agree on. */
function statement(exchange: MutualExchange): JsonObject {
  const { role, credential, challengerCredential, challenger, channelBinding } = exchange;
  return {
    aud: challenger,
    role,
    credential_hash: hashOf(credential),
    challenger_credential_hash: challengerCredential === undefined ? null : hashOf(challengerCredential),
    ...(channelBinding === undefined ? {} : { channel: channelBinding }),
  };
}

function hashOf(text: string): string {
  return encodeBase64Url(sha256(text));
}

/** The statement's own time may be off by as much as it lives. */
function checkLife({ iat, exp }: JsonObject, now: number): void {
  const sound =
    typeof iat === "number" &&
    typeof exp === "number" &&
    exp > iat &&
    exp - iat <= CHALLENGE_LIFETIME_SECONDS &&
    iat <= now + CHALLENGE_LIFETIME_SECONDS &&
    exp > now - CHALLENGE_LIFETIME_SECONDS;
  if (!sound) throw invalidResponse("expired");
}
