import { resolve } from "node:path";
import { encodeHex, type JsonObject } from "@symbiont/kit";
import { createSecretStore } from "../create-secret-store.ts";
import { AuditTrail } from "../internal/audit-trail.ts";
import type { KeyProvider } from "../key-provider.ts";
import type { Secret } from "../secret.ts";
import type { SecretStore } from "../store.ts";
import { createStore } from "./internal/create-store.ts";
import { FileBackend } from "./internal/file-backend.ts";
import type { StoreHeader } from "./internal/format/header.ts";
import { labelOf } from "./internal/format/label.ts";
import { rotateRootKey } from "./internal/rotate-root-key.ts";
import { setMany, withBytes } from "./internal/set-many.ts";
import { addSlot, removeSlot, rewrapSlots } from "./internal/slot-changes.ts";
import { StoreFile } from "./internal/store-file.ts";
import type { Unlocked } from "./internal/unlock.ts";
import {
  type AddSlotOptions,
  type CheckedOptions,
  checkedOptions,
  checkedProvider,
  type RotateRootKeyOptions,
  type SecretFileOptions,
} from "./options.ts";
import { type SlotInfo, slotInfo } from "./slot-info.ts";

/**
 * Secrets in one encrypted file of format `secrets-store/1`, shared safely between the processes of a machine.
 *
 * Whoever has the file learns the labels and kinds of its key slots, how often and when it was last written, and about
 * how large it is: no name, no value. Every change is a whole new file, put in place atomically; readers take no lock.
 *
 * Differs from Symbiont: its file store only reads, and holds every value in memory as text.
 */
export class SecretFile {
  /** The secrets. */
  readonly store: SecretStore;
  /** Absolute. */
  readonly path: string;
  readonly #file: StoreFile;
  readonly #trail: AuditTrail;
  readonly #options: CheckedOptions;

  private constructor(path: string, options: SecretFileOptions) {
    this.path = resolve(path);
    this.#options = checkedOptions(options);
    this.#trail = new AuditTrail(options);
    this.#file = new StoreFile(this.path, this.#options, (unlocked, header) =>
      this.#unlocked(unlocked, header),
    );
    this.store = createSecretStore(new FileBackend(this.#file, this.#options.now), options);
  }

  /**
   * Makes an empty store with a slot for every key provider. Its folder must exist, and belong to this user alone.
   * @throws SecretError `SECRET_STORE_EXISTS`, `SECRET_KEY_MISSING`, `SECRET_FILE_NOT_PRIVATE`, `SECRET_READ_ONLY`,
   * `SECRET_ACCESS_DENIED`; what a provider throws; TypeError or RangeError for a wrong option.
   */
  static async create(path: string, options: SecretFileOptions): Promise<SecretFile> {
    const file = new SecretFile(path, options);
    return file.#started("secret_file.create", options.signal, async (signal) => {
      const snapshot = await createStore(file.path, file.#options, { signal });
      await file.#file.adopt(snapshot);
      return storeData(snapshot.header);
    });
  }

  /**
   * Opens a store, and asks every key provider for its key.
   * @throws SecretError `SECRET_STORE_MISSING`, `SECRET_WRONG_KEY`, `SECRET_KEY_MISSING`, `SECRET_TAMPERED`,
   * `SECRET_ROLLED_BACK`, `SECRET_FORMAT_INVALID`, `SECRET_VERSION_UNSUPPORTED`, `SECRET_KDF_LIMIT`,
   * `SECRET_TOO_LARGE`, `SECRET_FILE_NOT_PRIVATE`, `SECRET_ACCESS_DENIED`; what a provider throws; TypeError or
   * RangeError for a wrong option.
   */
  static async open(path: string, options: SecretFileOptions): Promise<SecretFile> {
    const file = new SecretFile(path, options);
    return file.#started("secret_file.open", options.signal, async (signal) =>
      storeData((await file.#file.snapshot(signal)).header),
    );
  }

  /** The key slots, in the order of the file. */
  async slots(options: { readonly signal?: AbortSignal } = {}): Promise<readonly SlotInfo[]> {
    return this.#administer("secret_file.slots", {}, async () => {
      const { header } = await this.#file.snapshot(options.signal);
      return { result: header.slots.map(slotInfo), data: { count: header.slots.length } };
    });
  }

  /**
   * Adds a slot, so that the provider's key opens the store too. No value is sealed anew.
   * @throws SecretError `SECRET_KEY_MISSING`, `SECRET_TOO_LARGE` beyond 16 slots; what the provider throws.
   */
  async addSlot(provider: KeyProvider, options: AddSlotOptions = {}): Promise<SlotInfo> {
    const label = options.label ?? labelOf(checkedProvider(provider));
    return this.#administer("secret_file.add_slot", { provider: provider.id }, async () => {
      const asked = { label, cost: this.#options.argon2, signal: this.#signal(options.signal) };
      return slotOutcome(slotInfo(await addSlot(this.#file, provider, asked)));
    });
  }

  /**
   * Removes a slot: its key no longer opens the file. It still opens copies that were made before, and who had it may
   * have kept the root key: {@link SecretFile.rotateRootKey} is for that.
   * @throws SecretError `SECRET_SLOT_MISSING`, `SECRET_SLOT_LAST`.
   */
  async removeSlot(id: string, options: { readonly signal?: AbortSignal } = {}): Promise<SlotInfo> {
    return this.#administer("secret_file.remove_slot", { slot: id.slice(0, 16) }, async () =>
      slotOutcome(slotInfo(await this.#file.update(removeSlot(id), options.signal))),
    );
  }

  /**
   * Wraps the root key again under the newest version of the wrapping keys, in the slots of those services that are
   * among the key providers; gives these slots.
   */
  async rewrap(options: { readonly signal?: AbortSignal } = {}): Promise<readonly SlotInfo[]> {
    return this.#administer("secret_file.rewrap", {}, async () => {
      const slots = await rewrapSlots(this.#file, this.#signal(options.signal));
      return { result: slots.map(slotInfo), data: { count: slots.length } };
    });
  }

  /**
   * Makes a new root key and seals every value anew, so that the old one opens nothing that is written from here on.
   * Values that somebody may have read must be replaced besides.
   * @throws SecretError `SECRET_KEY_MISSING` for a slot that no provider opens and that is not dropped,
   * `SECRET_SLOT_MISSING`, `SECRET_SLOT_LAST`; what a provider throws.
   */
  async rotateRootKey(options: RotateRootKeyOptions = {}): Promise<readonly SlotInfo[]> {
    const dropSlots = options.dropSlots ?? [];
    return this.#administer("secret_file.rotate_root_key", { dropped: dropSlots.length }, async () => {
      const asked = { dropSlots, cost: this.#options.argon2, signal: this.#signal(options.signal) };
      const slots = await rotateRootKey(this.#file, asked);
      return { result: slots.map(slotInfo), data: { count: slots.length } };
    });
  }

  /**
   * Sets many secrets in one write: all or none.
   * @returns the names that were there before.
   * @throws SecretError `SECRET_CONFLICT` when one is there and `overwrite` is not set, `SECRET_NAME_INVALID`,
   * `SECRET_TOO_LARGE`; what `store.set` throws.
   */
  async setMany(
    secrets: ReadonlyMap<string, Secret>,
    options: { readonly overwrite?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<readonly string[]> {
    return withBytes(secrets, async (values) => {
      const change = setMany(values, { overwrite: options.overwrite ?? false, now: this.#options.now });
      return this.#administer("secret_file.set_many", { names: [...values.keys()] }, async () => {
        const result = await this.#file.update(change, options.signal);
        return { result, data: { replaced: result.length } };
      });
    });
  }

  /** Waits for writes under way and zeroes the keys. Handles that were given out are closed. */
  close(): Promise<void> {
    return this.#file.close();
  }

  /** Same as {@link SecretFile.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #started(
    type: string,
    signal: AbortSignal | undefined,
    start: (signal: AbortSignal) => Promise<JsonObject>,
  ): Promise<SecretFile> {
    try {
      return await this.#administer(type, {}, async () => {
        const data = await start(this.#signal(signal));
        return { result: this, data };
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  #administer<T>(
    type: string,
    data: JsonObject,
    work: () => Promise<{ readonly result: T; readonly data: JsonObject }>,
  ): Promise<T> {
    return this.#trail.around({ type, resource: this.#resource(), data }, work);
  }

  async #unlocked({ provider, slot }: Unlocked, header: StoreHeader): Promise<void> {
    const data = { ...storeData(header), provider, slot: encodeHex(slot.id) };
    await this.#trail.note({ type: "secret_file.unlock", resource: this.#resource(), data }, "info");
  }

  #resource(): { readonly kind: string; readonly id: string } {
    return { kind: "secret_file", id: this.path };
  }

  /** Work for a caller ends when the store is closed, too. */
  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#file.closing : AbortSignal.any([signal, this.#file.closing]);
  }
}

function storeData({ id, generation }: StoreHeader): JsonObject {
  return { store: encodeHex(id), generation };
}

function slotOutcome(slot: SlotInfo): { readonly result: SlotInfo; readonly data: JsonObject } {
  return { result: slot, data: { slot: slot.id, kind: slot.kind } };
}
