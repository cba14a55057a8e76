import { type PrivateKey, type PublicKey, sign, verify } from "@symbiont/keys";
import { canonicalJson, encodeBase64Url, encodeUtf8, type JsonObject, type JsonValue } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { readJwsObject, readJwsSignature } from "../credential/compact-jws.ts";

/** A signature of an A2A agent card. @see https://a2a-protocol.org/latest/specification/ section 8.4 */
export interface AgentCardSignature {
  readonly protected: string;
  readonly signature: string;
}

/** A card whose signature one of the verifier's own keys made. */
export interface VerifiedAgentCard {
  readonly card: JsonObject;
  /** The id, in the verifier's words, of the key that signed. */
  readonly kid: string;
}

const MAX_SIGNATURES = 16;

/**
 * Adds an ES256 signature to a card: detached JWS over the canonical JSON of the card without its signatures. Leave out
 * members that have their default value; other implementations do.
 */
export function signAgentCard(
  card: JsonObject,
  { key, kid }: { readonly key: PrivateKey; readonly kid: string },
): JsonObject {
  if (key.algorithm !== "ES256") throw new TypeError("key must be an ES256 key");
  const { signatures = [], ...content } = card;
  const header = encodeBase64Url(encodeUtf8(JSON.stringify({ alg: "ES256", typ: "JOSE", kid })));
  const signature = encodeBase64Url(sign(key, signingInput(header, content), { format: "raw", lowS: true }));
  return {
    ...content,
    signatures: [...(signatures as readonly JsonValue[]), { protected: header, signature }],
  };
}

/**
 * Verifies a card by keys that the verifier chose. A key that the card brings along or points to (`jwk`, `jku`, `x5u`) is
 * never looked at: it would say of itself that it is trustworthy.
 *
 * @param keys by the `kid` that signatures name them by, for example those of an issuer's discovery document.
 * @throws AgentPinError `AGENTPIN_CARD_INVALID` with reason `card`, `unsigned`, `no_trusted_key` or `signature`
 */
export function verifyAgentCard(value: unknown, keys: ReadonlyMap<string, PublicKey>): VerifiedAgentCard {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("card");
  const { signatures, ...content } = value as JsonObject;
  if (!Array.isArray(signatures) || signatures.length === 0) throw invalid("unsigned");
  if (signatures.length > MAX_SIGNATURES) throw invalid("card");
  let reason = "no_trusted_key";
  for (const entry of signatures as readonly JsonValue[]) {
    const { protected: header, signature } = (entry ?? {}) as Readonly<Record<string, JsonValue>>;
    if (typeof header !== "string" || typeof signature !== "string") throw invalid("card");
    const kid = trustedKid(header, keys);
    const key = kid === undefined ? undefined : keys.get(kid);
    if (kid === undefined || key === undefined) continue;
    const bytes = readJwsSignature(signature);
    if (bytes !== undefined && verify(key, bytes, inputOf(header, content), { format: "raw" }))
      return { card: content, kid };
    // With several keys at a rotation, another one may hold.
    reason = "signature";
  }
  throw invalid(reason);
}

function trustedKid(header: string, keys: ReadonlyMap<string, PublicKey>): string | undefined {
  const members = readJwsObject(header);
  if (typeof members === "string") throw invalid("card");
  const { alg, kid } = members;
  if (alg !== "ES256" || Object.hasOwn(members, "crit") || members["b64"] === false) return undefined;
  return typeof kid === "string" && keys.get(kid)?.algorithm === "ES256" ? kid : undefined;
}

function inputOf(header: string, content: JsonObject): string {
  try {
    return signingInput(header, content);
  } catch {
    throw invalid("card");
  }
}

function signingInput(header: string, content: JsonObject): string {
  return `${header}.${encodeBase64Url(encodeUtf8(canonicalJson(content)))}`;
}

function invalid(reason: string): AgentPinError {
  return new AgentPinError("AGENTPIN_CARD_INVALID", `agent card is not verified: ${reason}`, { reason });
}
