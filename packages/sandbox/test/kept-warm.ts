import type { UidRange, WarmTier } from "@symbiont/sandbox";
import { tiers } from "./tiers.ts";

export interface KeptWarm {
  readonly name: string;
  readonly tier: WarmTier;
  readonly why: string;
  /** Whom its guests are, and nobody else's. */
  readonly users: UidRange;
}

const NAMES = ["namespace, kept warm", "gvisor, kept warm"];

/** Tiers of the host's own processes that keep sandboxes: what an engine keeps is the engine's. */
export async function keptWarm(range: UidRange): Promise<readonly KeptWarm[]> {
  const count = range.count / NAMES.length;
  const all = NAMES.map(async (name, index) => {
    const users = { first: range.first + index * count, count };
    const tried = await tiers(users, (other) => other === name);
    return tried.map((one) => ({ ...one, users, tier: one.tier as WarmTier }));
  });
  return (await Promise.all(all)).flat();
}
