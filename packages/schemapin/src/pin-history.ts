import type { Pin, RetiredPin } from "./pin-store.ts";

/** What is to be pinned. */
export interface Seen {
  readonly fingerprint?: string;
  readonly digest?: string;
  /** Canonical text that the digest is of. */
  readonly definition?: string;
  /** When its statement was issued, in epoch milliseconds. */
  readonly issuedAt?: number;
}

/** When and on whose word something is pinned. */
export interface Approval {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly trust: Pin["trust"];
  readonly approvedBy?: string;
}

/** Longer definitions are pinned by digest alone: a hostile server must not fill the store. */
const MAX_DEFINITION_LENGTH = 16_384;
const MAX_PREVIOUS = 16;
/** Finer steps would write to the store at every list. */
const LAST_SEEN_STEP_MS = 86_400_000;

/** The pin after a change that was approved; what it held before is kept as previous. */
export function changedPin(pinned: Pin | undefined, seen: Seen, { now, trust, approvedBy }: Approval): Pin {
  const { definition, ...facts } = seen;
  return {
    ...facts,
    ...(definition !== undefined && definition.length <= MAX_DEFINITION_LENGTH ? { definition } : {}),
    firstSeen: pinned?.firstSeen ?? now,
    ...(pinned === undefined ? {} : { lastSeen: now }),
    trust,
    ...(approvedBy === undefined ? {} : { approvedBy }),
    ...previousOf(pinned, seen, now),
  };
}

/** The pin after the same was seen again; undefined when there is nothing new to write. */
export function seenAgain(pinned: Pin, seen: Seen, now: number): Pin | undefined {
  const isNew =
    pinned.digest !== seen.digest ||
    pinned.issuedAt !== seen.issuedAt ||
    pinned.fingerprint !== seen.fingerprint;
  const { lastSeen = pinned.firstSeen, approvedBy } = pinned;
  if (!isNew) return now - lastSeen < LAST_SEEN_STEP_MS ? undefined : { ...pinned, lastSeen: now };
  // Whoever approved another definition did not approve this one.
  const isApproved = approvedBy !== undefined && (pinned.digest ?? seen.digest) === seen.digest;
  return changedPin(pinned, seen, { now, trust: pinned.trust, ...(isApproved ? { approvedBy } : {}) });
}

function previousOf(pinned: Pin | undefined, seen: Seen, now: number): Pick<Pin, "previous"> {
  if (pinned === undefined) return {};
  const { fingerprint, digest, previous = [] } = pinned;
  const retired: RetiredPin = {
    ...(fingerprint === undefined || fingerprint === seen.fingerprint ? {} : { fingerprint }),
    ...(digest === undefined || digest === seen.digest ? {} : { digest }),
    retiredAt: now,
  };
  const isRetired = retired.fingerprint !== undefined || retired.digest !== undefined;
  const all = isRetired ? [...previous, retired].slice(-MAX_PREVIOUS) : previous;
  return all.length === 0 ? {} : { previous: all };
}
