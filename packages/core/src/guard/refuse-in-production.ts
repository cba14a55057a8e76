import type { Environment } from "@symbiont/kit";
import { readFlag } from "./environment.ts";
import type { CheckedConfig } from "./guard-config.ts";
import { GuardError, type GuardProblem } from "./guard-error.ts";
import type { GuardStages } from "./guard-options.ts";
import { relaxations } from "./relaxations.ts";

const FIXES: ReadonlyMap<string, string> = new Map([
  ["audit", "write an object: an agent in production leaves a record"],
  ["audit.key", "write the path of a key file, made with: symbiont keys generate --algorithm Ed25519"],
  ["tools.enforcement", 'write "strict" or "permissive"'],
  ["sandbox.tier", 'write "namespace"'],
]);

/**
 * Refuses what must not run in production: no audit, ephemeral keys, relaxed enforcement, the native sandbox tier.
 * Only the enforcement has an override, `SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS`; then each call is recorded as bypassed.
 *
 * @throws GuardError `GUARD_PRODUCTION_REFUSED` with everything that is refused.
 */
export function refuseInProduction(config: CheckedConfig, stages: GuardStages, env: Environment): void {
  const isBypassAllowed = readFlag(env, "SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS");
  const problems: GuardProblem[] = [];
  for (const { path, effect, refusedInProduction } of relaxations(config, stages)) {
    if (!refusedInProduction) continue;
    if (path === "tools.enforcement" && isBypassAllowed) continue;
    problems.push({ path, found: effect, fix: FIXES.get(path) ?? "remove it" });
  }
  if (problems.length > 0) {
    throw new GuardError("GUARD_PRODUCTION_REFUSED", "this configuration must not run in production", {
      problems,
    });
  }
}
