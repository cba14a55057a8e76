import { GuardError, type GuardProblem } from "./guard-error.ts";
import type { Relaxation } from "./relaxations.ts";

/**
 * Refuses what must not run in production: no audit, ephemeral keys, relaxed enforcement, the native sandbox tier.
 *
 * @throws GuardError `GUARD_PRODUCTION_REFUSED` with everything that is refused.
 */
export function refuseInProduction(relaxed: readonly Relaxation[]): void {
  const problems = relaxed
    .filter(({ refusedInProduction }) => refusedInProduction)
    .map(({ path, effect, fix = "remove it" }): GuardProblem => ({ path, found: effect, fix }));
  if (problems.length > 0) {
    throw new GuardError("GUARD_PRODUCTION_REFUSED", "this configuration must not run in production", {
      problems,
    });
  }
}
