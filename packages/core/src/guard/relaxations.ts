import type { CheckedConfig } from "./guard-config.ts";
import type { GuardStages } from "./guard-options.ts";

/** One choice that is less strict than the default. */
export interface Relaxation {
  /** Where it stands in the configuration. */
  readonly path: string;
  /** What it means. */
  readonly effect: string;
  /** Whether a production start is refused because of it. */
  readonly refusedInProduction: boolean;
}

/**
 * Everything in a configuration that is less strict than the default, but for stages that the host brings itself: about
 * those it says nothing. Stands in the audit record of the start.
 */
export function relaxations(config: CheckedConfig, stages: GuardStages): readonly Relaxation[] {
  const { audit, tools, sandbox, rate, policy } = config;
  const found: Relaxation[] = [];
  const add = (path: string, effect: string, refusedInProduction = false): void =>
    void found.push({ path, effect, refusedInProduction });

  if (audit === "none") add("audit", "nothing is recorded", true);
  else {
    if (audit.key === "ephemeral") add("audit.key", "nobody can check the journal after a restart", true);
    if (audit.failureMode === "permissive")
      add("audit.failureMode", "calls run although their record is late");
  }
  const { enforcement = "strict" } = tools;
  if (enforcement === "permissive") add("tools.enforcement", "unsigned tools are shown, with a warning");
  if (enforcement === "development") add("tools.enforcement", "tools that are pending are shown", true);
  if (enforcement === "disabled")
    add("tools.enforcement", "every tool is shown, whatever its signature", true);
  if (tools.firstUse === "trust") add("tools.firstUse", "what was never seen is trusted");
  if (tools.onSignedChange === "accept")
    add("tools.onSignedChange", "a signed change needs nobody's approval");
  if (sandbox?.tier === "native") add("sandbox.tier", "commands are not isolated from this machine", true);
  if ((sandbox?.network ?? []).length > 0) add("sandbox.network", "commands reach the hosts that are listed");
  if (rate === "unlimited") add("rate", "calls are not limited");
  if ((policy.allowByDefault ?? []).length > 0) add("policy.allowByDefault", "some actions need no rule");
  return found.filter(({ path }) => stages[path.split(".")[0] as keyof GuardStages] === undefined);
}
