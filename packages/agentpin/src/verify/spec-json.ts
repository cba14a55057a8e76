import type { JsonObject } from "@symbiont/kit";
import type { Verification } from "./verification.ts";

/** Writes a result as the protocol names its members, with our `reason` and `step` beside the code. */
export function toSpecJson(result: Verification): JsonObject {
  if (!result.valid) {
    const { protocolCode, reason, step } = result;
    return {
      valid: false,
      error_code: protocolCode,
      error_message: `refused at step ${step}: ${reason}`,
      reason,
      step,
      warnings: [],
    };
  }
  const { agentId, issuer, capabilities, constraints, delegation, pin, warnings } = result;
  return {
    valid: true,
    agent_id: agentId,
    issuer,
    capabilities,
    constraints: constraints ?? null,
    delegation_verified: delegation.length > 0,
    delegation_chain: delegation.map(({ domain, role }) => ({ domain, role, verified: true })),
    key_pinning: { status: pin === "not_checked" ? "unknown" : pin },
    warnings,
  };
}
