import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { isRefusal } from "../refusal.ts";
import type { DomainPins, PinnedKey } from "./pin-store.ts";

/**
 * What to do about a key that is not pinned for a domain that has pins. `strict`: refuse. `continuity`: take it, when a
 * pinned key that is neither revoked nor expired is still published beside it, and nothing was pinned by the operator.
 */
export type PinPolicy = "strict" | "continuity";

/** What pins say about a key. */
export type PinJudgement = "first_use" | "pinned" | "continued" | "changed";

/** A key that signed, and the documents it was found in. */
export interface SeenKey {
  readonly kid: string;
  readonly thumbprint: string;
  readonly documents: IssuerDocuments;
}

/** Keys of one domain that are pinned because they were seen: who changes keys without end must not fill the store. */
const MAX_TOFU_KEYS = 4;
const DAY_MS = 86_400_000;

/** Step 11. Identity is the key, not its id. @param now seconds since the epoch. */
export function judgePin(
  pins: DomainPins | undefined,
  { thumbprint, documents }: SeenKey,
  policy: PinPolicy,
  now: number,
): PinJudgement {
  if (pins === undefined) return "first_use";
  if (pins.keys.some((key) => key.thumbprint === thumbprint)) return "pinned";
  if (policy === "strict" || pins.keys.some(({ trust }) => trust === "pinned")) return "changed";
  return pins.keys.some((pinned) => vouches(pinned, documents, now)) ? "continued" : "changed";
}

/** The pins as they are once the key was seen; the same object when nothing is new. */
export function withSeenKey(
  pins: DomainPins | undefined,
  domain: string,
  { kid, thumbprint }: SeenKey,
  now: number,
): DomainPins {
  const nowMs = now * 1000;
  const known = pins?.keys.find((key) => key.thumbprint === thumbprint);
  if (pins !== undefined && known !== undefined && Math.abs(nowMs - known.lastSeen) < DAY_MS) return pins;
  const seen: PinnedKey =
    known === undefined
      ? { kid, thumbprint, firstSeen: nowMs, lastSeen: nowMs, trust: "tofu" }
      : { ...known, lastSeen: Math.max(nowMs, known.lastSeen) };
  const others = pins?.keys.filter((key) => key !== known) ?? [];
  return Object.freeze({ domain, keys: Object.freeze(boundKeys([...others, Object.freeze(seen)])) });
}

/** Forgets the keys that were only seen, those not seen for the longest time, when a domain has too many of them. */
function boundKeys(keys: readonly PinnedKey[]): readonly PinnedKey[] {
  const seenOnly = keys.filter(({ trust }) => trust === "tofu");
  if (seenOnly.length <= MAX_TOFU_KEYS) return keys;
  const surplus = seenOnly.toSorted((a, b) => a.lastSeen - b.lastSeen).slice(0, -MAX_TOFU_KEYS);
  return keys.filter((key) => !surplus.includes(key));
}

function vouches({ thumbprint }: PinnedKey, documents: IssuerDocuments, now: number): boolean {
  const { discovery, revocation, revokedThumbprints } = documents;
  if (isRefusal(revocation) || revokedThumbprints.has(thumbprint)) return false;
  for (const key of discovery.keys.values())
    if (key.thumbprint === thumbprint && (key.expiresAt ?? Number.POSITIVE_INFINITY) > now) return true;
  return false;
}
