import { frozenCopy, type Principal } from "@symbiont/kit";
import { type Denial, deny } from "./denial.ts";
import type { GateOptions } from "./gate-options.ts";
import type { Identified, Proposed, StageLedger } from "./stage.ts";

/** Stage one: who calls? */
export async function identify(
  ledger: StageLedger,
  identity: GateOptions["identity"],
  { call, refusal }: Proposed,
): Promise<Identified | Denial> {
  if (refusal !== undefined) return refusal;
  if (!("verifier" in identity)) return ledger.issue("identified", { call, principal: identity });
  if (call.credential === undefined) return deny("GATE_IDENTITY_REFUSED", "the call carries no credential");
  let principal: Principal;
  try {
    principal = await identity.verifier.verify(call.credential, identity.audience);
  } catch {
    return deny("GATE_IDENTITY_REFUSED", "the credential is not valid here");
  }
  const identified = frozenCopy(principal);
  if (!isPrincipal(identified)) return deny("GATE_IDENTITY_REFUSED", "the credential names nobody");
  return ledger.issue("identified", { call, principal: identified });
}

const KINDS: ReadonlySet<unknown> = new Set(["agent", "user", "service", "system"]);

/** Whether a verifier's answer names somebody: limits, rules and records are about whoever it is. */
export function isPrincipal(principal: Principal | undefined): boolean {
  const { kind, id } = (principal ?? {}) as Partial<Principal>;
  return KINDS.has(kind) && typeof id === "string" && id !== "";
}
