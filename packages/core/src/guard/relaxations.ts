import type { Environment } from "@symbiont/kit";
import { readFlag } from "./environment.ts";
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
  /** What to write instead, where production refuses it. */
  readonly fix?: string;
}

/**
 * Everything in a configuration that is less strict than the default, but for stages that the host brings itself: about
 * those it says nothing. Stands in the audit record of the start.
 *
 * Of what production refuses only the enforcement of tools has an override, `SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS`;
 * then each call is recorded as bypassed.
 * @throws GuardError `GUARD_ENVIRONMENT_INVALID` where the override is neither on nor off.
 */
export function relaxations(
  config: CheckedConfig,
  { stages, env }: { readonly stages: GuardStages; readonly env: Environment },
): readonly Relaxation[] {
  const { audit, sandbox, rate } = config;
  const found: Relaxation[] = [];
  const allowed = (path: string, effect: string): void =>
    void found.push({ path, effect, refusedInProduction: false });
  const refused = (path: string, effect: string, fix: string): void =>
    void found.push({ path, effect, refusedInProduction: true, fix });

  if (audit === "none")
    refused("audit", "nothing is recorded", "write an object: an agent in production leaves a record");
  else if (audit !== undefined) {
    if (audit.key === "ephemeral")
      refused(
        "audit.key",
        "nobody can check the journal after a restart",
        "write the path of a key file, made with: symbiont keys generate --algorithm Ed25519",
      );
    if (audit.failureMode === "permissive")
      allowed("audit.failureMode", "calls run although their record is late");
  }
  const { enforcement = "strict", firstUse, onSignedChange } = config.tools ?? {};
  const isBypassAllowed = readFlag(env, "SYMBIONT_ALLOW_TOOL_ENFORCEMENT_BYPASS");
  const bypassed = (effect: string): void =>
    isBypassAllowed
      ? allowed("tools.enforcement", effect)
      : refused("tools.enforcement", effect, 'write "strict" or "permissive"');
  if (enforcement === "permissive") allowed("tools.enforcement", "unsigned tools are shown, with a warning");
  if (enforcement === "development") bypassed("tools that are pending are shown");
  if (enforcement === "disabled") bypassed("every tool is shown, whatever its signature");
  if (firstUse === "trust") allowed("tools.firstUse", "what was never seen is trusted");
  if (onSignedChange === "accept") allowed("tools.onSignedChange", "a signed change needs nobody's approval");
  if (sandbox?.tier === "native")
    refused("sandbox.tier", "commands are not isolated from this machine", 'write "namespace"');
  if (sandbox?.tier === "e2b")
    allowed("sandbox.tier", "commands, their files and their output are handed to a service");
  if ((sandbox?.network ?? []).length > 0)
    allowed("sandbox.network", "commands reach the hosts that are listed");
  if (rate === "unlimited") allowed("rate", "calls are not limited");
  if ((config.policy?.allowByDefault ?? []).length > 0)
    allowed("policy.allowByDefault", "some actions need no rule");
  return found.filter(({ path }) => stages[path.split(".")[0] as keyof GuardStages] === undefined);
}
