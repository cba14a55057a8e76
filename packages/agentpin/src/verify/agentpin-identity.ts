import type { IdentityVerifier, Principal } from "@symbiont/kit";
import { agentUrn, parseAgentUrn } from "../documents/agent-urn.ts";
import { refusalError } from "../refusal.ts";
import type { Verification, VerifiedCredential } from "./verification.ts";
import type { AgentPinVerifier } from "./verifier.ts";

/**
 * Names who acts with a credential. A subject that is not a URN of its issuer's own domain is put into that domain: two
 * issuers may both call an agent by the same bare name. Capabilities are no roles: they stay apart, in the attributes.
 */
export function credentialPrincipal(credential: VerifiedCredential): Principal {
  const { issuer, agentId, capabilities, constraints, jti, kid, keyThumbprint, delegation } = credential;
  return {
    kind: "agent",
    id: parseAgentUrn(agentId)?.domain === issuer ? agentId : agentUrn(issuer, agentId),
    attributes: {
      issuer,
      agentId,
      capabilities,
      constraints: constraints ?? null,
      jti,
      kid,
      keyThumbprint,
      delegation: delegation.map(({ domain, role, agentId: delegator }) => ({
        domain,
        role,
        agentId: delegator,
      })),
    },
  };
}

/**
 * Makes a verifier the identity port of a gate, or of an HTTP guard. The audience is the one that is asked for.
 *
 * Differs from Symbiont: the issuer is part of who acts, so that no other domain can name its agent like this one.
 */
export function agentPinIdentity(
  verifier: Pick<AgentPinVerifier, "verify"> & Partial<Pick<AgentPinVerifier, "recheck">>,
): IdentityVerifier {
  const { recheck } = verifier;
  return {
    async verify(credential, audience) {
      return principalOf(await verifier.verify(credential, { audience }));
    },
    ...(recheck !== undefined && {
      async recheck(credential: string, audience: string) {
        return principalOf(await recheck.call(verifier, credential, { audience }));
      },
    }),
  };
}

function principalOf(result: Verification): Principal {
  if (!result.valid) throw refusalError(result);
  return credentialPrincipal(result);
}
