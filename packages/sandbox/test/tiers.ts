import { namespaceTier, nativeTier, type Tier, type UidRange } from "@symbiont/sandbox";

/** Programs of this machine that the attacks are written for. */
export const PROGRAMS = ["/bin/sh", "/usr/bin/python3"];

export interface TriedTier {
  readonly name: string;
  readonly tier: Tier;
  /** Part of a test title that says why it does not run; empty when it does. */
  readonly why: string;
}

/** Every tier, with the reason where it does not work here. */
export async function tiers(uidRange?: UidRange): Promise<readonly TriedTier[]> {
  const range = uidRange === undefined ? {} : { uidRange };
  const all = [
    nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: PROGRAMS, ...range }),
    namespaceTier(range),
  ];
  return Promise.all(
    all.map(async (tier) => {
      const { available, problems } = await tier.probe();
      return { name: tier.name, tier, why: available ? "" : ` (skipped: ${problems.join("; ")})` };
    }),
  );
}
