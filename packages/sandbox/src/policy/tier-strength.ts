import { invalid, SandboxError } from "../sandbox-error.ts";
import type { TierName } from "../tiers/tier.ts";

/**
 * How much lies between a guest and the host, as an order. A hosted tier keeps guests from this host best and hands
 * their data to somebody else, so that it stands below all that isolate here.
 */
const STRENGTH: Readonly<Record<TierName, number>> = {
  native: 0,
  e2b: 1,
  namespace: 2,
  docker: 3,
  gvisor: 4,
  qemu: 5,
  firecracker: 6,
};

/** @throws SandboxError `SANDBOX_UNSUPPORTED_POLICY` when `tier` is weaker than `minimum`; `SANDBOX_INVALID_ARGUMENT` */
export function refuseWeaker(tier: TierName, minimum: TierName): void {
  if (!Object.hasOwn(STRENGTH, minimum)) invalid("minimumTier must be the name of a tier");
  if (STRENGTH[tier] >= STRENGTH[minimum]) return;
  throw new SandboxError("SANDBOX_UNSUPPORTED_POLICY", `tier ${tier} is weaker than ${minimum}`);
}
