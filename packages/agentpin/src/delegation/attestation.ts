import { type PrivateKey, type PublicKey, sign, verify } from "@symbiont/keys";
import { decodeBase64, decodeBase64Url, encodeBase64 } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { capabilitiesHash } from "../capabilities/capabilities-hash.ts";

/** What a delegator attests: that its agent may be acted for by another domain's, with these capabilities. */
export interface Attestation {
  readonly domain: string;
  readonly role: "maker" | "deployer";
  readonly agentId: string;
  readonly delegateeDomain: string;
  readonly delegateeAgentId: string;
  /** Those of the credential at the end of the chain. */
  readonly capabilities: readonly string[];
}

/** Printable ASCII without the separator: otherwise two attestations could have one text. */
const FIELD = /^[!-{}~]{1,512}$/;

/**
 * Gives the text that is signed.
 * @throws AgentPinError `AGENTPIN_DELEGATION_INVALID` with reason `attestation_field`
 */
export function attestationText(attestation: Attestation): string {
  const { domain, role, agentId, delegateeDomain, delegateeAgentId, capabilities } = attestation;
  const fields = [domain, role, agentId, delegateeDomain, delegateeAgentId];
  if (!fields.every((field) => FIELD.test(field))) throw badField("a field of the attestation is malformed");
  try {
    return [...fields, capabilitiesHash(capabilities)].join("|");
  } catch (cause) {
    throw badField("a capability is not printable ASCII", cause);
  }
}

/**
 * Signs an attestation, in the one form that every implementation reads: DER in base64 with padding.
 * @throws AgentPinError `AGENTPIN_DELEGATION_INVALID`
 */
export function signAttestation(key: PrivateKey, attestation: Attestation): string {
  if (key.algorithm !== "ES256") throw new TypeError("key must be an ES256 key");
  return encodeBase64(sign(key, attestationText(attestation), { lowS: true }));
}

/** Tells whether the key signed this attestation. The signature may be base64, or base64url as the protocol's text has it. */
export function verifyAttestation(key: PublicKey, signature: string, attestation: Attestation): boolean {
  try {
    return verify(key, decodeSignature(signature), attestationText(attestation), { format: "der" });
  } catch {
    return false;
  }
}

function decodeSignature(text: string): Uint8Array {
  return /[-_]/.test(text) || text.length % 4 !== 0 ? decodeBase64Url(text) : decodeBase64(text);
}

function badField(message: string, cause?: unknown): AgentPinError {
  return new AgentPinError("AGENTPIN_DELEGATION_INVALID", message, {
    reason: "attestation_field",
    step: 10,
    ...(cause === undefined ? {} : { cause }),
  });
}
