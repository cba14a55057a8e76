import { randomBytes } from "node:crypto";
import { encodeHex } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { Argon2Cost } from "../../internal/argon2id.ts";
import type { KeyProvider, KeyRequest, WrappingKeyProvider } from "../../key-provider.ts";
import { openSlot, sealSlot } from "./crypto/seal-slot.ts";
import type { StoreHeader } from "./format/header.ts";
import { checkedWrappedKey, SALT_BYTES, SLOT_ID_BYTES, type Slot, type TransitSlot } from "./format/slot.ts";
import { LocalKey } from "./local-key.ts";
import type { RootKey } from "./root-key.ts";
import { providerError, unwrap } from "./unlock.ts";

/** What a slot shows of itself whatever the root key is. */
export interface SlotShape {
  readonly id: Uint8Array;
  readonly label: string;
  /** For passphrases. */
  readonly cost: Argon2Cost;
}

/** A provider that was asked for its key, ready to make and to recognise slots. */
export class SlotMaker {
  readonly #provider: KeyProvider;
  readonly #request: KeyRequest;
  readonly #key: LocalKey | WrappingKeyProvider;

  private constructor(provider: KeyProvider, request: KeyRequest, key: LocalKey | WrappingKeyProvider) {
    this.#provider = provider;
    this.#request = request;
    this.#key = key;
  }

  /** @returns undefined when the provider holds no key. @throws what the provider throws. */
  static async of(
    provider: KeyProvider,
    { storeId, signal }: { readonly storeId: Uint8Array; readonly signal: AbortSignal },
  ): Promise<SlotMaker | undefined> {
    const request: KeyRequest = { storeId: encodeHex(storeId), signal };
    try {
      const key = provider.type === "local" ? await LocalKey.load(provider, request) : provider;
      return key === undefined ? undefined : new SlotMaker(provider, request, key);
    } catch (error) {
      throw providerError(error, provider);
    }
  }

  /** Like {@link SlotMaker.of}, for a provider that must have a key. @throws SecretError `SECRET_KEY_MISSING`. */
  static async required(
    provider: KeyProvider,
    asked: { readonly storeId: Uint8Array; readonly signal: AbortSignal },
  ): Promise<SlotMaker> {
    const maker = await SlotMaker.of(provider, asked);
    if (maker !== undefined) return maker;
    throw new SecretError("SECRET_KEY_MISSING", `key provider ${provider.id} has no key`);
  }

  /** Makes a slot that leads to the root key; every random part of it is new. */
  async seal(rootKey: RootKey, storeId: Uint8Array, { id, label, cost }: SlotShape): Promise<Slot> {
    if (!(this.#key instanceof LocalKey)) return this.#wrap(this.#key, rootKey, { id, label });
    const salt = randomBytes(SALT_BYTES);
    const slot =
      this.#key.kind === "raw"
        ? ({ kind: "raw", id, label, salt } as const)
        : ({ kind: "passphrase", id, label, salt, cost } as const);
    const slotKey = await this.#key.slotKey(slot);
    try {
      return sealSlot(slotKey, storeId, slot, rootKey.bytes);
    } finally {
      slotKey.fill(0);
    }
  }

  /** Whether the slot is this provider's and leads to that root key. */
  async opens(slot: Slot, header: StoreHeader, rootKey: RootKey): Promise<boolean> {
    if (!(this.#key instanceof LocalKey))
      return slot.kind === "transit" && (await this.#unwraps(this.#key, slot, rootKey));
    if (slot.kind === "transit" || slot.kind !== this.#key.kind) return false;
    const slotKey = await this.#key.slotKey(slot);
    try {
      const found = openSlot(slotKey, header.id, slot);
      const same = found !== undefined && rootKey.equals(found);
      found?.fill(0);
      return same;
    } finally {
      slotKey.fill(0);
    }
  }

  /** Brings a slot of a service to the newest version of its wrapping key. */
  async rewrap(slot: TransitSlot, rootKey: RootKey): Promise<TransitSlot> {
    const provider = this.#key;
    if (provider instanceof LocalKey) return slot;
    if (provider.rewrap === undefined) return this.#wrap(provider, rootKey, slot);
    try {
      const wrapped = checkedWrappedKey(await provider.rewrap(slot.wrapped, this.#request));
      return await this.#proven(provider, { ...slot, wrapped }, rootKey);
    } catch (error) {
      throw providerError(error, provider);
    }
  }

  dispose(): void {
    if (this.#key instanceof LocalKey) this.#key.dispose();
  }

  async #wrap(
    provider: WrappingKeyProvider,
    rootKey: RootKey,
    { id, label }: { readonly id: Uint8Array; readonly label: string },
  ): Promise<TransitSlot> {
    // A copy, because the provider is not ours: what it keeps or changes must not be the key that others use.
    const lent = Uint8Array.from(rootKey.bytes);
    try {
      const wrapped = checkedWrappedKey(await provider.wrap(lent, this.#request));
      return await this.#proven(provider, { kind: "transit", id, label, wrapped }, rootKey);
    } catch (error) {
      throw providerError(error, provider);
    } finally {
      lent.fill(0);
    }
  }

  /** A service that may wrap but not unwrap would lock us out at the next start. */
  async #proven(provider: WrappingKeyProvider, slot: TransitSlot, rootKey: RootKey): Promise<TransitSlot> {
    if (await this.#unwraps(provider, slot, rootKey)) return slot;
    throw new SecretError(
      "SECRET_ANSWER_INVALID",
      `key provider ${this.#provider.id} does not unwrap what it wrapped`,
    );
  }

  async #unwraps(provider: WrappingKeyProvider, slot: TransitSlot, rootKey: RootKey): Promise<boolean> {
    let found: RootKey | undefined;
    try {
      found = await unwrap(provider, slot, this.#request);
      return found !== undefined && rootKey.equals(found);
    } catch (error) {
      if (SecretError.is(error) && error.code === "SECRET_WRONG_KEY") return false;
      throw providerError(error, provider);
    } finally {
      found?.wipe();
    }
  }
}

export function newSlotId(): Uint8Array {
  return randomBytes(SLOT_ID_BYTES);
}
