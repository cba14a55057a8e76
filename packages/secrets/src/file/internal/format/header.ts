import { encodeBase64Url } from "@symbiont/kit";
import { writeInstant } from "./instant.ts";
import { MAX_SLOTS } from "./limits.ts";
import { readSlot, SALT_BYTES, type Slot, slotIdentity, writeSlot } from "./slot.ts";
import { malformed, parseStrict, StrictObject } from "./strict-object.ts";

/** What is known of a store without a key. */
export interface StoreHeader {
  /** 16 random bytes. */
  readonly id: Uint8Array;
  /** Counts up from 1 with every write. */
  readonly generation: number;
  /** Epoch milliseconds of the write. */
  readonly updatedAt: number;
  /** 32 random bytes, new with every write. */
  readonly salt: Uint8Array;
  /** Commits to the root key. */
  readonly commit: Uint8Array;
  readonly slots: readonly Slot[];
}

export const STORE_ID_BYTES = 16;

// Sixteen slots with the longest wrapped keys, every character of them escaped.
const MAX_HEADER_BYTES = 1 << 20;
const MEMBERS: ReadonlySet<string> = new Set([
  "id",
  "gen",
  "updated",
  "aead",
  "kdf",
  "salt",
  "commit",
  "slots",
]);

/** @throws SecretError `SECRET_FORMAT_INVALID`, `SECRET_TAMPERED`, `SECRET_KDF_LIMIT`. */
export function readHeader(line: Uint8Array): StoreHeader {
  const header = new StrictObject(parseStrict(line, "the header", MAX_HEADER_BYTES), "header", MEMBERS);
  header.literal("aead", "A256GCM");
  header.literal("kdf", "HKDF-SHA256");
  const slots = header.list("slots", MAX_SLOTS).map(readSlot);
  if (slots.length === 0) throw malformed("there is no slot");
  if (new Set(slots.map((slot) => encodeBase64Url(slot.id))).size < slots.length)
    throw malformed("two slots have one id");
  return {
    id: header.bytes("id", STORE_ID_BYTES),
    generation: header.integer("gen", 1),
    updatedAt: header.instant("updated"),
    salt: header.bytes("salt", SALT_BYTES),
    commit: header.bytes("commit", 32),
    slots,
  };
}

/** The header as one line of JSON, without its newline. */
export function writeHeader(header: StoreHeader): string {
  const { generation, updatedAt } = header;
  return (
    `{"id":"${encodeBase64Url(header.id)}","gen":${generation},"updated":"${writeInstant(updatedAt)}",` +
    `"aead":"A256GCM","kdf":"HKDF-SHA256","salt":"${encodeBase64Url(header.salt)}",` +
    `"commit":"${encodeBase64Url(header.commit)}","slots":[${header.slots.map(textOf).join(",")}]}`
  );
}

// Most writes leave the slots as they are.
const texts = new WeakMap<Slot, string>();

function textOf(slot: Slot): string {
  let text = texts.get(slot);
  if (text === undefined) {
    text = JSON.stringify(writeSlot(slot));
    texts.set(slot, text);
  }
  return text;
}

/** Whether the slot is still there, sealed as it was. */
export function holdsSlot(header: StoreHeader, identity: string): boolean {
  return header.slots.some((slot) => slotIdentity(slot) === identity);
}
