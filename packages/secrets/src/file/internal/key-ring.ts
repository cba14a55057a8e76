import type { KeyProvider } from "../../key-provider.ts";
import { openStore } from "./crypto/seal-store.ts";
import type { Container } from "./format/container.ts";
import { holdsSlot, type StoreHeader } from "./format/header.ts";
import type { RootKey } from "./root-key.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Unlocked, unlock } from "./unlock.ts";

/** A root key and the slot that led to it. */
type Opened = Pick<Snapshot, "rootKey" | "slotIdentity">;

/**
 * The keys of one store: its providers, and the root key once it was had. While the slot that led to it stands in the
 * header, no provider is asked again and nothing is derived.
 */
export class KeyRing {
  readonly #providers: KeyProvider[];
  readonly #signal: AbortSignal;
  readonly #onUnlock: (unlocked: Unlocked, header: StoreHeader) => Promise<void>;
  /** All that opened the store so far: handles may still need the older ones. */
  readonly #rootKeys = new Set<RootKey>();
  #opened: Opened | undefined;

  constructor(
    providers: readonly KeyProvider[],
    signal: AbortSignal,
    onUnlock: (unlocked: Unlocked, header: StoreHeader) => Promise<void>,
  ) {
    this.#providers = [...providers];
    this.#signal = signal;
    this.#onUnlock = onUnlock;
  }

  get providers(): readonly KeyProvider[] {
    return this.#providers;
  }

  /** A provider whose slot was added is asked from now on. */
  add(provider: KeyProvider): void {
    if (!this.#providers.includes(provider)) this.#providers.push(provider);
  }

  /** Opens what a file holds. @throws SecretError as {@link unlock} and {@link openStore} do. */
  async open(header: StoreHeader, container: Container): Promise<Opened & Pick<Snapshot, "entries">> {
    const known = this.#opened;
    if (known !== undefined && holdsSlot(header, known.slotIdentity))
      return { ...known, entries: openStore(known.rootKey.bytes, header, container) };
    const unlocked = await unlock(header, this.#providers, this.#signal);
    try {
      const entries = openStore(unlocked.rootKey.bytes, header, container);
      await this.#onUnlock(unlocked, header);
      return { ...this.hold(unlocked), entries };
    } catch (error) {
      unlocked.rootKey.wipe();
      throw error;
    }
  }

  /** Remembers a root key that fits; answers with the one object that stands for it. */
  hold({ rootKey, slotIdentity }: Opened): Opened {
    this.#signal.throwIfAborted();
    let held: RootKey | undefined;
    for (const older of this.#rootKeys) if (older.equals(rootKey)) held = older;
    if (held !== undefined && held !== rootKey) rootKey.wipe();
    this.#opened = { rootKey: held ?? rootKey, slotIdentity };
    this.#rootKeys.add(this.#opened.rootKey);
    return this.#opened;
  }

  /** Zeroes a root key that came to nothing. */
  discard(rootKey: RootKey): void {
    if (!this.#rootKeys.has(rootKey)) rootKey.wipe();
  }

  wipe(): void {
    for (const rootKey of this.#rootKeys) rootKey.wipe();
    this.#rootKeys.clear();
    this.#opened = undefined;
  }
}
