import { randomBytes } from "node:crypto";
import { SecretError } from "../../errors.ts";
import { sealStore } from "./crypto/seal-store.ts";
import { withoutExpiredVersions } from "./format/entry.ts";
import { MAX_ENTRIES } from "./format/limits.ts";
import { type Entries, inOrder } from "./format/payload.ts";
import { SALT_BYTES, slotIdentity } from "./format/slot.ts";
import type { Snapshot, SnapshotChange } from "./snapshot.ts";

/** Seals the generation after `base`. Older versions whose time has come are dropped on the way. */
export function nextGeneration(
  base: Snapshot,
  next: NonNullable<SnapshotChange<unknown>["next"]>,
  now: number,
): { readonly bytes: Uint8Array; readonly snapshot: Omit<Snapshot, "generation"> } {
  // Kept in order, so that the next write finds it.
  const entries = inOrder(pruned(next.entries ?? base.entries, now));
  if (entries.size > MAX_ENTRIES)
    throw new SecretError("SECRET_TOO_LARGE", `a secret file holds at most ${MAX_ENTRIES} secrets`);
  const rootKey = next.rootKey ?? base.rootKey;
  const slots = next.slots ?? base.header.slots;
  const { bytes, header } = sealStore(
    rootKey.bytes,
    {
      id: base.header.id,
      generation: base.header.generation + 1,
      updatedAt: now,
      salt: randomBytes(SALT_BYTES),
      slots,
    },
    entries,
  );
  return { bytes, snapshot: { header, entries, rootKey, slotIdentity: identityAfter(base, next) } };
}

/** A new root key is known by the slot of it that stands first. */
function identityAfter(base: Snapshot, next: NonNullable<SnapshotChange<unknown>["next"]>): string {
  const [first] = next.slots ?? [];
  return next.rootKey !== undefined && first !== undefined ? slotIdentity(first) : base.slotIdentity;
}

function pruned(entries: Entries, now: number): Entries {
  let kept: Map<string, ReturnType<typeof withoutExpiredVersions>> | undefined;
  for (const [name, entry] of entries) {
    const current = withoutExpiredVersions(entry, now);
    if (current === entry) continue;
    kept ??= new Map(entries);
    kept.set(name, current);
  }
  return kept ?? entries;
}
