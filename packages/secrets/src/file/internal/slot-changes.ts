import { encodeHex } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { Argon2Cost } from "../../internal/argon2id.ts";
import type { KeyProvider } from "../../key-provider.ts";
import { checkedLabel } from "./format/label.ts";
import { MAX_SLOTS } from "./format/limits.ts";
import { type Slot, slotIdentity } from "./format/slot.ts";
import type { RootKey } from "./root-key.ts";
import { newSlotId, SlotMaker } from "./slot-maker.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Change, StoreFile } from "./store-file.ts";

/** Gives a provider a slot of its own. */
export async function addSlot(
  file: StoreFile,
  provider: KeyProvider,
  {
    label,
    cost,
    signal,
  }: { readonly label: string; readonly cost: Argon2Cost; readonly signal: AbortSignal },
): Promise<Slot> {
  checkedLabel(label);
  const { header } = await file.snapshot(signal);
  const maker = await SlotMaker.required(provider, { storeId: header.id, signal });
  let made: { readonly rootKey: RootKey; readonly slot: Slot } | undefined;
  try {
    const slot = await file.update(async ({ header, rootKey }) => {
      if (header.slots.length >= MAX_SLOTS)
        throw new SecretError("SECRET_TOO_LARGE", `a secret file holds at most ${MAX_SLOTS} key slots`);
      // Computed again with another root key, the slot must be another one too: a salt seals once.
      if (made?.rootKey !== rootKey)
        made = { rootKey, slot: await maker.seal(rootKey, header.id, { id: newSlotId(), label, cost }) };
      return { result: made.slot, next: { slots: [...header.slots, made.slot] } };
    }, signal);
    file.keys.add(provider);
    return slot;
  } finally {
    maker.dispose();
  }
}

/** Takes a slot away, if another one is left. */
export function removeSlot(id: string): Change<Slot> {
  return ({ header }) => {
    const slot = header.slots.find((candidate) => encodeHex(candidate.id) === id);
    if (slot === undefined) throw unknownSlot();
    if (header.slots.length === 1)
      throw new SecretError(
        "SECRET_SLOT_LAST",
        "the last key slot cannot be removed: nothing could open the file",
      );
    return { result: slot, next: { slots: header.slots.filter((other) => other !== slot) } };
  };
}

/** Brings the slots of services to the newest version of their wrapping keys; resolves to those that are new. */
export async function rewrapSlots(file: StoreFile, signal: AbortSignal): Promise<readonly Slot[]> {
  const done = new Map<string, Slot>();
  return file.update(async (snapshot) => {
    for (const slot of snapshot.header.slots) {
      const identity = slotIdentity(slot);
      if (slot.kind !== "transit" || done.has(identity)) continue;
      const maker = await makerFor(slot, snapshot, { providers: file.keys.providers, signal });
      if (maker !== undefined) done.set(identity, await maker.rewrap(slot, snapshot.rootKey));
    }
    const slots = snapshot.header.slots.map((slot) => done.get(slotIdentity(slot)) ?? slot);
    const changed = slots.filter((slot, index) => slot !== snapshot.header.slots[index]);
    return changed.length === 0 ? { result: changed } : { result: changed, next: { slots } };
  }, signal);
}

export function unknownSlot(): SecretError {
  return new SecretError("SECRET_SLOT_MISSING", "there is no key slot of that id");
}

async function makerFor(
  slot: Slot,
  { header, rootKey }: Snapshot,
  { providers, signal }: { readonly providers: readonly KeyProvider[]; readonly signal: AbortSignal },
): Promise<SlotMaker | undefined> {
  for (const provider of providers) {
    if (provider.type !== "wrapping") continue;
    const maker = await SlotMaker.of(provider, { storeId: header.id, signal });
    if (await maker?.opens(slot, header, rootKey)) return maker;
  }
  return undefined;
}
