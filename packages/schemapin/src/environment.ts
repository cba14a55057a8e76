import { type Environment, isProduction } from "@symbiont/kit";

/** Whether what was never seen may be trusted when nobody says: not in production. @throws RangeError */
export function defaultFirstUse(env: Environment | undefined): "trust" | "refuse" {
  return isProduction(env) ? "refuse" : "trust";
}
