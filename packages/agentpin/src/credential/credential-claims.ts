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

/** Checks the claims' types. Members that the protocol does not know are kept, and mean nothing. */
export function checkCredentialClaims(payload: JsonObject): CredentialClaims | Refusal {
  const problem = firstProblem(payload);
  if (problem !== undefined) return refuse(1, "ALGORITHM_REJECTED", problem);
  if (payload["agentpin_version"] !== PROTOCOL_VERSION)
    return refuse(1, "ALGORITHM_REJECTED", "version_unsupported");
  return payload as unknown as CredentialClaims;
}

/** The order is that in which refusals are reported. */
function firstProblem(claims: JsonObject): string | undefined {
  return (
    missing("iss", claims["iss"], isText) ??
    missing("sub", claims["sub"], isText) ??
    missing("iat", claims["iat"], isTime) ??
    missing("exp", claims["exp"], isTime) ??
    missing("jti", claims["jti"], isText) ??
    missing("agentpin_version", claims["agentpin_version"], isText) ??
    missing("capabilities", claims["capabilities"], isTextList) ??
    unsound("aud", claims["aud"], isText) ??
    unsound("nbf", claims["nbf"], isTime) ??
    unsound("constraints", claims["constraints"], isObject) ??
    unsound("delegation_chain", claims["delegation_chain"], Array.isArray) ??
    unsound("nonce", claims["nonce"], isText) ??
    unsound("cnf", claims["cnf"], isObject)
  );
}

type Test = (value: JsonValue) => boolean;

function missing(name: string, value: JsonValue | undefined, isSound: Test): string | undefined {
  return value === undefined ? `claim_missing:${name}` : unsound(name, value, isSound);
}

function unsound(name: string, value: JsonValue | undefined, isSound: Test): string | undefined {
  return value === undefined || isSound(value) ? undefined : `claim_type:${name}`;
}
