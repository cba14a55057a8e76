import { randomBytes } from "node:crypto";
import { encodeHex } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { Argon2Cost } from "../../internal/argon2id.ts";
import { newRootKey } from "./create-store.ts";
import { openEntry, sealEntry } from "./crypto/seal-entry.ts";
import { ENTRY_SALT_BYTES, type Entry, type SealedVersion } from "./format/entry.ts";
import type { StoreHeader } from "./format/header.ts";
import type { Entries } from "./format/payload.ts";
import { type Slot, slotIdentity } from "./format/slot.ts";
import type { RootKey } from "./root-key.ts";
import { unknownSlot } from "./slot-changes.ts";
import { SlotMaker } from "./slot-maker.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StoreFile } from "./store-file.ts";

/** Seals everything anew under a new root key; resolves to the slots that lead to it. */
export async function rotateRootKey(
  file: StoreFile,
  options: { readonly dropSlots: readonly string[]; readonly cost: Argon2Cost; readonly signal: AbortSignal },
): Promise<readonly Slot[]> {
  const { header } = await file.snapshot(options.signal);
  const makers: SlotMaker[] = [];
  let made: Resealed | undefined;
  try {
    for (const provider of file.keys.providers) {
      const maker = await SlotMaker.of(provider, { storeId: header.id, signal: options.signal });
      if (maker !== undefined) makers.push(maker);
    }
    return await file.update(async (snapshot) => {
      if (made === undefined || made.basis !== basisOf(snapshot)) {
        if (made !== undefined) file.keys.discard(made.rootKey);
        made = await resealedSlots(snapshot, makers, options);
      }
      const { rootKey, slots } = made;
      const entries = resealedEntries(snapshot, rootKey);
      return { result: slots, next: { rootKey, slots, entries } };
    }, options.signal);
  } catch (error) {
    if (made !== undefined) file.keys.discard(made.rootKey);
    throw error;
  } finally {
    for (const maker of makers) maker.dispose();
  }
}

/** Slots that lead to a new root key, and what they were made of. */
interface Resealed {
  readonly basis: string;
  readonly rootKey: RootKey;
  readonly slots: readonly Slot[];
}

function basisOf({ header }: Snapshot): string {
  return header.slots.map(slotIdentity).join();
}

async function resealedSlots(
  snapshot: Snapshot,
  makers: readonly SlotMaker[],
  { dropSlots, cost }: { readonly dropSlots: readonly string[]; readonly cost: Argon2Cost },
): Promise<Resealed> {
  const { header } = snapshot;
  const kept = keptSlots(header, dropSlots);
  const rootKey = newRootKey();
  const slots: Slot[] = [];
  for (const slot of kept) {
    const maker = await makerFor(slot, snapshot, makers);
    const shape = { id: slot.id, label: slot.label, cost: slot.kind === "passphrase" ? slot.cost : cost };
    slots.push(await maker.seal(rootKey, header.id, shape));
  }
  return { basis: basisOf(snapshot), rootKey, slots };
}

function keptSlots(header: StoreHeader, dropSlots: readonly string[]): readonly Slot[] {
  const ids = new Set(header.slots.map(({ id }) => encodeHex(id)));
  if (dropSlots.some((id) => !ids.has(id))) throw unknownSlot();
  const dropped = new Set(dropSlots);
  const kept = header.slots.filter(({ id }) => !dropped.has(encodeHex(id)));
  if (kept.length === 0)
    throw new SecretError(
      "SECRET_SLOT_LAST",
      "the last key slot cannot be dropped: nothing could open the file",
    );
  return kept;
}

async function makerFor(
  slot: Slot,
  { header, rootKey }: Snapshot,
  makers: readonly SlotMaker[],
): Promise<SlotMaker> {
  for (const maker of makers) if (await maker.opens(slot, header, rootKey)) return maker;
  throw new SecretError(
    "SECRET_KEY_MISSING",
    `no key provider opens the slot ${encodeHex(slot.id)}: give its provider, or drop the slot`,
  );
}

function resealedEntries({ header, entries, rootKey }: Snapshot, newKey: RootKey): Entries {
  const resealed = new Map<string, Entry>();
  for (const [name, entry] of entries) {
    const place = { storeId: header.id, name };
    const reseal = (sealed: SealedVersion): SealedVersion => {
      const value = openEntry(rootKey.bytes, place, sealed);
      const salted = { version: sealed.version, salt: randomBytes(ENTRY_SALT_BYTES) };
      try {
        return sealEntry(newKey.bytes, place, salted, value);
      } finally {
        value.fill(0);
      }
    };
    const [current, ...older] = entry.versions;
    resealed.set(name, { ...entry, versions: [reseal(current), ...older.map(reseal)] });
  }
  return resealed;
}
