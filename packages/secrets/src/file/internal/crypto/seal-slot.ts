import { constantTimeEqual } from "@symbiont/kit";
import { SecretError } from "../../../errors.ts";
import type { PassphraseSlot, RawSlot } from "../format/slot.ts";
import { slotKey } from "./derive.ts";
import { openMessage, sealMessage } from "./message.ts";

/** A local slot before the root key is sealed into it. */
export type EmptySlot = Omit<PassphraseSlot, "commit" | "wrapped"> | Omit<RawSlot, "commit" | "wrapped">;

/** Seals the root key into a slot whose salt must be new. */
export function sealSlot(
  kek: Uint8Array,
  storeId: Uint8Array,
  slot: EmptySlot,
  rootKey: Uint8Array,
): PassphraseSlot | RawSlot {
  const key = slotKey(kek, storeId, slot);
  return { ...slot, commit: Uint8Array.from(key.commit), wrapped: sealMessage(key, rootKey) };
}

/**
 * Opens a slot: the root key, which is the caller's, or undefined when the key is not that of the slot.
 * @throws SecretError `SECRET_TAMPERED` when it is, but the slot was changed.
 */
export function openSlot(
  kek: Uint8Array,
  storeId: Uint8Array,
  slot: PassphraseSlot | RawSlot,
): Uint8Array | undefined {
  const key = slotKey(kek, storeId, slot);
  if (!constantTimeEqual(key.commit, slot.commit)) {
    key.key.fill(0);
    return undefined;
  }
  const rootKey = openMessage(key, slot.wrapped);
  if (rootKey === undefined)
    throw new SecretError("SECRET_TAMPERED", "a key slot of the secret file was changed");
  return rootKey;
}
