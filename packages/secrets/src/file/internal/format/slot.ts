import { encodeBase64Url, isWellFormed, type JsonObject, type JsonValue } from "@symbiont/kit";
import { SecretError } from "../../../errors.ts";
import type { Argon2Cost } from "../../../internal/argon2id.ts";
import type { WrappedKey } from "../../../key-provider.ts";
import { readCost, writeCost } from "./kdf.ts";
import { MAX_LABEL_BYTES } from "./label.ts";
import { malformed, StrictObject } from "./strict-object.ts";

/** One way to the root key of a store. */
export type Slot = PassphraseSlot | RawSlot | TransitSlot;

interface AnySlot {
  /** 8 random bytes. */
  readonly id: Uint8Array;
  /** The owner's name for it; in the clear. */
  readonly label: string;
}

/** A slot that opens with a key we have. */
export interface LocalSlot extends AnySlot {
  /** 32 random bytes, new whenever the slot is sealed. */
  readonly salt: Uint8Array;
  readonly commit: Uint8Array;
  /** The root key, sealed. */
  readonly wrapped: Uint8Array;
}

/** Opens with what Argon2id makes of a passphrase. */
export interface PassphraseSlot extends LocalSlot {
  readonly kind: "passphrase";
  readonly cost: Argon2Cost;
}

/** Opens with 32 random bytes. */
export interface RawSlot extends LocalSlot {
  readonly kind: "raw";
}

/** Opened by a service that has wrapped the root key. */
export interface TransitSlot extends AnySlot {
  readonly kind: "transit";
  readonly wrapped: WrappedKey;
}

export const SLOT_ID_BYTES = 8;
export const SALT_BYTES = 32;

const MAX_REFERENCE_BYTES = 512;
const MAX_CIPHERTEXT_BYTES = 4096;
const LOCAL = ["id", "kind", "label", "salt", "commit", "wrapped"];
const RAW_MEMBERS: ReadonlySet<string> = new Set(LOCAL);
const PASSPHRASE_MEMBERS: ReadonlySet<string> = new Set([...LOCAL, "kdf"]);
const TRANSIT_MEMBERS: ReadonlySet<string> = new Set(["id", "kind", "label", "ref", "wrapped"]);
const REFERENCE_MEMBERS: ReadonlySet<string> = new Set(["provider", "mount", "key"]);

/** @throws SecretError `SECRET_FORMAT_INVALID`, `SECRET_TAMPERED`, `SECRET_KDF_LIMIT`. */
export function readSlot(json: JsonValue): Slot {
  const kind = typeof json === "object" && json !== null && "kind" in json ? json["kind"] : undefined;
  switch (kind) {
    case "passphrase": {
      const slot = new StrictObject(json, "slot", PASSPHRASE_MEMBERS);
      return { kind, ...readLocal(slot), cost: readCost(slot.value("kdf")) };
    }
    case "raw":
      return { kind, ...readLocal(new StrictObject(json, "slot", RAW_MEMBERS)) };
    case "transit":
      return readTransit(new StrictObject(json, "slot", TRANSIT_MEMBERS));
    default:
      throw malformed("a slot is of an unknown kind");
  }
}

/** The slot as it stands in the header, its members in the order of the format. */
export function writeSlot(slot: Slot): JsonObject {
  const { kind, label } = slot;
  const head = { id: encodeBase64Url(slot.id), kind, label };
  if (slot.kind === "transit") {
    const { provider, mount, key } = slot.wrapped.reference;
    return { ...head, ref: { provider, mount, key }, wrapped: slot.wrapped.ciphertext };
  }
  return {
    ...head,
    ...(slot.kind === "passphrase" && { kdf: writeCost(slot.cost) }),
    salt: encodeBase64Url(slot.salt),
    commit: encodeBase64Url(slot.commit),
    wrapped: encodeBase64Url(slot.wrapped),
  };
}

/** Tells a slot from all others that ever opened a store: a sealed slot never keeps its salt. */
export function slotIdentity(slot: Slot): string {
  const seal = slot.kind === "transit" ? slot.wrapped.ciphertext : encodeBase64Url(slot.salt);
  return `${encodeBase64Url(slot.id)} ${seal}`;
}

/** @throws SecretError `SECRET_ANSWER_INVALID` when a service wrapped a key into something we could not read back. */
export function checkedWrappedKey(wrapped: WrappedKey): WrappedKey {
  const { provider, mount, key } = wrapped.reference;
  const texts: readonly [string, number][] = [
    [provider, MAX_REFERENCE_BYTES],
    [mount, MAX_REFERENCE_BYTES],
    [key, MAX_REFERENCE_BYTES],
    [wrapped.ciphertext, MAX_CIPHERTEXT_BYTES],
  ];
  for (const [text, most] of texts) {
    const fits =
      typeof text === "string" && text !== "" && isWellFormed(text) && Buffer.byteLength(text) <= most;
    if (!fits)
      throw new SecretError("SECRET_ANSWER_INVALID", "the wrapped key is not text of a storable length");
  }
  return { reference: { provider, mount, key }, ciphertext: wrapped.ciphertext };
}

function readLocal(slot: StrictObject): LocalSlot {
  return {
    id: slot.bytes("id", SLOT_ID_BYTES),
    label: slot.text("label", MAX_LABEL_BYTES),
    salt: slot.bytes("salt", SALT_BYTES),
    commit: slot.bytes("commit", 32),
    wrapped: slot.bytes("wrapped", 48),
  };
}

function readTransit(slot: StrictObject): TransitSlot {
  const reference = new StrictObject(slot.value("ref"), "slot reference", REFERENCE_MEMBERS);
  return {
    kind: "transit",
    id: slot.bytes("id", SLOT_ID_BYTES),
    label: slot.text("label", MAX_LABEL_BYTES),
    wrapped: {
      reference: {
        provider: reference.text("provider", MAX_REFERENCE_BYTES),
        mount: reference.text("mount", MAX_REFERENCE_BYTES),
        key: reference.text("key", MAX_REFERENCE_BYTES),
      },
      ciphertext: slot.text("wrapped", MAX_CIPHERTEXT_BYTES),
    },
  };
}
