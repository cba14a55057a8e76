import { SecretError } from "../../../errors.ts";
import type { SealedVersion } from "../format/entry.ts";
import { entryKey } from "./derive.ts";
import { openMessage, sealMessage } from "./message.ts";

/** Where a value belongs: sealed into it, so that values cannot be swapped. */
export interface EntryPlace {
  readonly storeId: Uint8Array;
  readonly name: string;
}

/** Seals a value under a salt that must be new. */
export function sealEntry(
  rootKey: Uint8Array,
  place: EntryPlace,
  { version, salt }: Omit<SealedVersion, "sealed">,
  value: Uint8Array,
): SealedVersion {
  const key = entryKey(rootKey, place.storeId, { name: place.name, version, salt });
  return { version, salt, sealed: sealMessage(key, value) };
}

/** Opens a value, which is the caller's to zero. @throws SecretError `SECRET_TAMPERED`. */
export function openEntry(
  rootKey: Uint8Array,
  { storeId, name }: EntryPlace,
  { version, salt, sealed }: SealedVersion,
): Uint8Array<ArrayBuffer> {
  const value = openMessage(entryKey(rootKey, storeId, { name, version, salt }), sealed);
  if (value === undefined)
    throw new SecretError("SECRET_TAMPERED", "the value is not what was sealed", { secret: name });
  return value;
}
