import type { DomainPins } from "./pin-store.ts";

/** Domains pinned because they were seen; more push out those not seen for the longest time. */
export const MAX_TOFU_DOMAINS = 10_000;

const isSeenOnly = ({ keys }: DomainPins): boolean => keys.every(({ trust }) => trust === "tofu");
const lastSeen = ({ keys }: DomainPins): number => Math.max(...keys.map((key) => key.lastSeen), 0);

/** Makes room when there are too many domains; what a person or the operator pinned is never forgotten. */
export function boundPins(pins: Map<string, DomainPins>, max: number = MAX_TOFU_DOMAINS): void {
  if (pins.size <= max) return;
  const seen = [...pins.values()].filter(isSeenOnly);
  if (seen.length <= max) return;
  // A tenth more than needed, so that the next newcomers do not sort everything again.
  const surplus = seen.length - Math.floor(max * 0.9);
  seen.sort((a, b) => lastSeen(a) - lastSeen(b));
  for (const { domain } of seen.slice(0, surplus)) pins.delete(domain);
}
