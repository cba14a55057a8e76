/** The error codes of the AgentPin protocol, as they stand on its wire. There are 18, and no more are ever added. */
export const PROTOCOL_CODES = [
  "SIGNATURE_INVALID",
  "KEY_NOT_FOUND",
  "KEY_EXPIRED",
  "KEY_REVOKED",
  "CREDENTIAL_EXPIRED",
  "CREDENTIAL_REVOKED",
  "AGENT_NOT_FOUND",
  "AGENT_INACTIVE",
  "CAPABILITY_EXCEEDED",
  "CONSTRAINT_VIOLATION",
  "DELEGATION_INVALID",
  "DELEGATION_DEPTH_EXCEEDED",
  "DISCOVERY_FETCH_FAILED",
  "DISCOVERY_INVALID",
  "DOMAIN_MISMATCH",
  "AUDIENCE_MISMATCH",
  "ALGORITHM_REJECTED",
  "KEY_PIN_MISMATCH",
] as const;

/** One of the protocol's error codes. */
export type ProtocolCode = (typeof PROTOCOL_CODES)[number];

/** Tells whether a text is one of the protocol's codes. */
export function isProtocolCode(text: string): text is ProtocolCode {
  return (PROTOCOL_CODES as readonly string[]).includes(text);
}

/** `agentpin_version` of credentials and documents. */
export const PROTOCOL_VERSION = "0.1" as const;
