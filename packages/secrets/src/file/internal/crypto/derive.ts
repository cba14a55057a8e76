import { concatBytes, encodeUtf8 } from "@symbiont/kit";
import { hkdf } from "@symbiont/kit/hkdf";

// A key is derived for one message, and the nonce with it: no nonce can come twice under one key. Where a wrong key
// must be told from a changed message, 32 bytes that commit to the key are derived too (AES-GCM alone would let one
// ciphertext open under many keys: Len, Grubbs, Ristenpart, "Partitioning Oracle Attacks", 2021).

/** Seals one message. */
export interface MessageKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Seals one message and commits to itself. */
export interface CommittingKey extends MessageKey {
  readonly commit: Uint8Array;
}

const SLOT = encodeUtf8("secrets-store/1/slot\0");
const PAYLOAD = encodeUtf8("secrets-store/1/payload\0");
const ENTRY = encodeUtf8("secrets-store/1/entry\0");
const KEY_END = 32;
const NONCE_END = 44;
const COMMIT_END = 76;

/** The key that seals the root key in a slot. */
export function slotKey(
  kek: Uint8Array,
  storeId: Uint8Array,
  slot: { readonly id: Uint8Array; readonly kind: string; readonly salt: Uint8Array },
): CommittingKey {
  return committing(kek, slot.salt, concatBytes(SLOT, storeId, slot.id, encodeUtf8(slot.kind)));
}

/** The key that seals the entries of one generation. */
export function payloadKey(
  rootKey: Uint8Array,
  store: { readonly id: Uint8Array; readonly generation: number; readonly salt: Uint8Array },
): CommittingKey {
  const generation = Buffer.alloc(8);
  generation.writeBigUInt64BE(BigInt(store.generation));
  return committing(rootKey, store.salt, concatBytes(PAYLOAD, store.id, generation));
}

/** The key that seals one version of one value. */
export function entryKey(
  rootKey: Uint8Array,
  storeId: Uint8Array,
  entry: { readonly name: string; readonly version: number; readonly salt: Uint8Array },
): MessageKey {
  const name = encodeUtf8(entry.name);
  const info = Buffer.alloc(ENTRY.length + storeId.length + name.length + 8);
  info.set(ENTRY);
  info.set(storeId, ENTRY.length);
  const end = info.writeUInt32BE(name.length, ENTRY.length + storeId.length);
  info.set(name, end);
  info.writeUInt32BE(entry.version, end + name.length);
  const okm = hkdf(rootKey, { salt: entry.salt, info, length: NONCE_END });
  return { key: okm.subarray(0, KEY_END), nonce: okm.subarray(KEY_END) };
}

function committing(inputKey: Uint8Array, salt: Uint8Array, info: Uint8Array): CommittingKey {
  const okm = hkdf(inputKey, { salt, info, length: COMMIT_END });
  return {
    key: okm.subarray(0, KEY_END),
    nonce: okm.subarray(KEY_END, NONCE_END),
    commit: okm.subarray(NONCE_END),
  };
}
