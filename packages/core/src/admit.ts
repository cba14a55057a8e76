import { type Denial, deny } from "./denial.ts";
import type { GateOptions } from "./gate-options.ts";
import type { Admitted, Identified, StageLedger } from "./stage.ts";

/** Stage two: is the principal within its limits? The unit is taken before the call, so parallel calls count. */
export async function admit(
  ledger: StageLedger,
  rate: GateOptions["rate"],
  { call, principal }: Identified,
): Promise<Admitted | Denial> {
  if (rate !== "unlimited") {
    const { allowed, retryAfterMs } = await rate.take(`${principal.kind}:${principal.id}`);
    if (allowed !== true) {
      const waitable = Number.isFinite(retryAfterMs);
      return deny(
        "GATE_RATE_LIMITED",
        "too many calls",
        waitable ? { retryAfterMs: Math.ceil(retryAfterMs) } : {},
      );
    }
  }
  return ledger.issue("admitted", { call, principal });
}
