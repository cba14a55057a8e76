import { encodeUtf8, isWellFormed } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import { type Argon2Cost, argon2id } from "../../internal/argon2id.ts";
import type { KeyMaterial, KeyRequest, LocalKeyProvider } from "../../key-provider.ts";

const RAW_KEY_BYTES = 32;

/** What a local provider has loaded, until it is disposed of. */
export class LocalKey {
  readonly kind: "raw" | "passphrase";
  readonly #bytes: Uint8Array;

  private constructor(kind: "raw" | "passphrase", bytes: Uint8Array) {
    this.kind = kind;
    this.#bytes = bytes;
  }

  /** @returns undefined when the provider holds no key. @throws SecretError `SECRET_KEY_INVALID`; what it throws. */
  static async load(provider: LocalKeyProvider, request: KeyRequest): Promise<LocalKey | undefined> {
    const material = await provider.load(request);
    if (material === undefined) return undefined;
    const bytes = materialBytes(material);
    if (bytes === undefined)
      throw new SecretError(
        "SECRET_KEY_INVALID",
        `key provider ${provider.id} gave something that is no key`,
      );
    return new LocalKey(material.kind, bytes);
  }

  /** The key that opens a slot with this salt; the caller's, who zeroes it. */
  async slotKey(slot: { readonly salt: Uint8Array; readonly cost?: Argon2Cost }): Promise<Uint8Array> {
    if (slot.cost === undefined) return Uint8Array.from(this.#bytes);
    return argon2id(this.#bytes, slot.salt, slot.cost);
  }

  dispose(): void {
    this.#bytes.fill(0);
  }
}

/** Undefined for what cannot be a key. What was given as bytes is taken over. */
function materialBytes(material: KeyMaterial): Uint8Array | undefined {
  if (material.kind === "raw") {
    const { key } = material;
    if (!(key instanceof Uint8Array)) return undefined;
    if (key.length === RAW_KEY_BYTES) return key;
    key.fill(0);
    return undefined;
  }
  if (material.kind !== "passphrase") return undefined;
  const { passphrase } = material;
  if (passphrase instanceof Uint8Array) return passphrase.length > 0 ? passphrase : undefined;
  if (typeof passphrase !== "string" || passphrase === "" || !isWellFormed(passphrase)) return undefined;
  // One spelling of what looks the same: keyboards and systems differ in how they compose characters.
  return encodeUtf8(passphrase.normalize("NFC"));
}
