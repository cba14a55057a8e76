import type { JsonObject, JsonValue } from "@symbiont/kit";
import { PROTOCOL_VERSION } from "../protocol-code.ts";
import { type Refusal, refuse } from "../refusal.ts";

/** The claims of a credential, each of the type the protocol gives it. Times are seconds since the epoch. */
export interface CredentialClaims {
  /** Domain of the issuer. */
  readonly iss: string;
  /** The agent. */
  readonly sub: string;
  /** Whom it is for; `*` for everybody. */
  readonly aud?: string;
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number;
  readonly jti: string;
  readonly agentpin_version: "0.1";
  readonly capabilities: readonly string[];
  readonly constraints?: JsonObject;
  readonly delegation_chain?: readonly JsonValue[];
  readonly nonce?: string;
  /** Key that the holder must prove to have. @see RFC 7800 section 3.1 */
  readonly cnf?: JsonObject;
}

const MAX_TEXT_LENGTH = 512;

const isText = (value: JsonValue): boolean =>
  typeof value === "string" && value !== "" && value.length <= MAX_TEXT_LENGTH;
const isTime = (value: JsonValue): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isObject = (value: JsonValue): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTextList = (value: JsonValue): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

/** What each claim must be. The order is that in which refusals are reported. */
const CLAIMS: readonly (readonly [
  name: string,
  isSound: (value: JsonValue) => boolean,
  required: boolean,
])[] = [
  ["iss", isText, true],
  ["sub", isText, true],
  ["iat", isTime, true],
  ["exp", isTime, true],
  ["jti", isText, true],
  ["agentpin_version", isText, true],
  ["capabilities", isTextList, true],
  ["aud", isText, false],
  ["nbf", isTime, false],
  ["constraints", isObject, false],
  ["delegation_chain", Array.isArray, false],
  ["nonce", isText, false],
  ["cnf", isObject, false],
];

/** Checks the claims' types. Members that the protocol does not know are kept, and mean nothing. */
export function checkCredentialClaims(payload: JsonObject): CredentialClaims | Refusal {
  for (const [name, isSound, required] of CLAIMS) {
    const value = payload[name];
    if (value === undefined) {
      if (required) return refuse(1, "ALGORITHM_REJECTED", `claim_missing:${name}`);
    } else if (!isSound(value)) return refuse(1, "ALGORITHM_REJECTED", `claim_type:${name}`);
  }
  if (payload["agentpin_version"] !== PROTOCOL_VERSION)
    return refuse(1, "ALGORITHM_REJECTED", "version_unsupported");
  return payload as unknown as CredentialClaims;
}
