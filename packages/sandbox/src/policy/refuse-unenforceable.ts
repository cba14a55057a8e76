import { SandboxError } from "../sandbox-error.ts";
import type { Enforcement, TierName } from "../tiers/tier.ts";
import type { SandboxLimits } from "./limits.ts";

/**
 * Asked for and not to be had is refused: nobody should believe in a limit that is none.
 * @throws SandboxError `SANDBOX_UNSUPPORTED_POLICY`
 */
export function refuseUnenforceable(
  tier: TierName,
  asked: Partial<SandboxLimits>,
  enforcement: Enforcement,
): void {
  for (const name of Object.keys(asked) as (keyof SandboxLimits)[]) {
    if (asked[name] === undefined || enforcement[name] !== "none") continue;
    throw new SandboxError("SANDBOX_UNSUPPORTED_POLICY", `tier ${tier} cannot enforce limits.${name}`);
  }
}

/** The same for a list of hosts. @throws SandboxError `SANDBOX_UNSUPPORTED_POLICY` */
export function refuseNetwork(tier: TierName, { networkAllow = "none" }: Enforcement): void {
  if (networkAllow === "none")
    throw new SandboxError("SANDBOX_UNSUPPORTED_POLICY", `tier ${tier} cannot enforce network.allow`);
}
