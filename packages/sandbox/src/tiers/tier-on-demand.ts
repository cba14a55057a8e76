import { onDemand } from "../on-demand.ts";
import type { Tier, WarmTier } from "./tier.ts";

/** What a tier does. */
export type TierRunner = Pick<Tier, "name" | "probe" | "start" | "createWorkspace">;

/** The same, where sandboxes may be kept. */
export type WarmTierRunner = TierRunner & Pick<WarmTier, "close">;

/** What is known of a tier before anything is asked of it. */
export type TierFacts = Pick<Tier, "name" | "isolation" | "enforcement" | "sessionEnforcement">;

/**
 * A tier whose code is read when something is first asked of it: a program that names one tier, or none so far, does not
 * pay for all of them.
 */
export function tierOnDemand(facts: TierFacts, load: () => Promise<TierRunner>): Tier {
  return tierOf(facts, onDemand(load));
}

/** The same, where sandboxes may be kept. */
export function warmTierOnDemand(facts: TierFacts, load: () => Promise<WarmTierRunner>): WarmTier {
  const runner = onDemand(load);
  // Read for that, too: whoever has closed a tier keeps nothing from then on.
  return { ...tierOf(facts, runner), close: async () => (await runner()).close() };
}

function tierOf(facts: TierFacts, runner: () => Promise<TierRunner>): Tier {
  return {
    ...facts,
    probe: async () => (await runner()).probe(),
    start: async (command, workspace) => (await runner()).start(command, workspace),
    createWorkspace: async (limits) => (await runner()).createWorkspace(limits),
  };
}
