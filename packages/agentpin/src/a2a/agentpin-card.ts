import { importPublicKeyJwk, verify } from "@symbiont/keys";
import { canonicalJson, decodeBase64, type JsonObject } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import type { DiscoveryDocument } from "../documents/discovery-document.ts";
import { discoveryUrl } from "../documents/issuer-name.ts";

/**
 * Verifies a card with the `agentpin` member of AgentPin 0.3, whose signature covers everything but that member. So
 * nothing in it is believed: the domain is the document's, and key and id must be those that the document publishes.
 *
 * Differs from Symbiont: a card alone is no source of trust, and no discovery document is ever derived from one.
 *
 * @returns the card without that member.
 * @throws AgentPinError `AGENTPIN_CARD_INVALID` with reason `card`, `endpoint`, `key` or `signature`
 */
export function verifyAgentPinCard(value: unknown, discovery: DiscoveryDocument): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("card");
  const { agentpin, ...content } = value as JsonObject;
  if (typeof agentpin !== "object" || agentpin === null || Array.isArray(agentpin)) throw invalid("card");
  const { agentpin_endpoint: endpoint, public_key_jwk: jwk, signature } = agentpin as JsonObject;
  if (endpoint !== discoveryUrl(discovery.entity)) throw invalid("endpoint");
  const kid = typeof jwk === "object" && jwk !== null ? (jwk as JsonObject)["kid"] : undefined;
  const published = typeof kid === "string" ? discovery.keys.get(kid)?.key : undefined;
  if (published === undefined || typeof published === "string" || thumbprintOf(jwk) !== published.thumbprint)
    throw invalid("key");
  let holds = false;
  try {
    holds =
      typeof signature === "string" &&
      verify(published, decodeBase64(signature), canonicalJson(content), { format: "der" });
  } catch {
    throw invalid("signature");
  }
  if (!holds) throw invalid("signature");
  return content;
}

function thumbprintOf(jwk: unknown): string | undefined {
  try {
    return importPublicKeyJwk(jwk, { algorithm: "ES256" }).thumbprint;
  } catch {
    return undefined;
  }
}

function invalid(reason: string): AgentPinError {
  return new AgentPinError("AGENTPIN_CARD_INVALID", `agent card is not verified: ${reason}`, { reason });
}
