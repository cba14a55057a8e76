import type { IdentityVerifier, Principal } from "@symbiont/kit";
import type { ApiKeys } from "./api-keys.ts";
import { ApiKeyError } from "./errors.ts";
import type { VerifiedKey } from "./verified-key.ts";

/**
 * Names who acts with a key. A key for exactly one agent is that agent; any other is a service, named by its
 * owner or else by its id. The only role ever given is `admin`, to unscoped keys: scopes are free words
 * and stay apart, in the attributes.
 */
export function keyPrincipal(key: VerifiedKey): Principal {
  const { keyId, agentScope, scopes, owner } = key;
  const only = agentScope?.length === 1 ? agentScope[0] : undefined;
  return {
    kind: only === undefined ? "service" : "agent",
    id: only ?? owner ?? keyId,
    roles: agentScope === null ? ["admin"] : [],
    attributes: { keyId, agentScope, scopes, ...(owner !== undefined && { owner }) },
  };
}

/**
 * Makes API keys the identity port of a gate.
 * @param audience the one service these keys are for; a credential for any other is refused.
 */
export function apiKeyIdentity(keys: Pick<ApiKeys, "verify">, audience: string): IdentityVerifier {
  const verify: IdentityVerifier["verify"] = async (credential, wanted) => {
    if (wanted !== audience)
      throw new ApiKeyError("API_KEY_REFUSED", "API keys are not valid for this audience");
    return keyPrincipal(await keys.verify(credential));
  };
  // A key is used up by nothing.
  return { verify, recheck: verify };
}
