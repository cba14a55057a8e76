import type { UidRange, WarmTier } from "@symbiont/sandbox";
import { type TriedTier, tiers } from "./tiers.ts";

export interface KeptWarm extends TriedTier {
  readonly tier: WarmTier;
  readonly users: UidRange;
}

/** Tiers of the host's own processes that keep sandboxes: what an engine keeps is the engine's. */
export async function keptWarm(range: UidRange): Promise<readonly KeptWarm[]> {
  const isWanted = (name: string): boolean => name.endsWith("kept warm") && !name.startsWith("docker");
  return (await tiers(range, isWanted)) as readonly KeptWarm[];
}
