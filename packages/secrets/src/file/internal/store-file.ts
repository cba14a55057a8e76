import { type PrivateFile, sameGeneration, updateFile } from "@symbiont/filestore";
import { constantTimeEqual } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import { assertNotAborted } from "../../internal/abortable.ts";
import type { CheckedOptions } from "../options.ts";
import { Backups } from "./backups.ts";
import { fileError } from "./file-error.ts";
import { splitContainer } from "./format/container.ts";
import { readHeader, type StoreHeader } from "./format/header.ts";
import { MAX_FILE_BYTES } from "./format/limits.ts";
import { IdleWatch } from "./idle-watch.ts";
import { KeyRing } from "./key-ring.ts";
import { nextGeneration } from "./next-generation.ts";
import { RollbackGuard } from "./rollback-guard.ts";
import { SharedRead } from "./shared-read.ts";
import type { Snapshot, SnapshotChange } from "./snapshot.ts";
import { StorePath } from "./store-path.ts";
import type { Unlocked } from "./unlock.ts";

const NOTHING = new Uint8Array(0);

/** Computes what becomes of a snapshot. May be called more than once: it does nothing but compute. */
export type Change<T> = (snapshot: Snapshot) => SnapshotChange<T> | Promise<SnapshotChange<T>>;

/** A secret file, and the one generation of it that is held open, with its values sealed. */
export class StoreFile {
  readonly keys: KeyRing;
  readonly #path: StorePath;
  readonly #options: CheckedOptions;
  readonly #guard: RollbackGuard;
  readonly #backups: Backups;
  readonly #idle: IdleWatch;
  readonly #closing = new AbortController();
  readonly #writes = new Set<Promise<unknown>>();
  readonly #reading = new SharedRead(() => this.#read());
  #refusing = false;
  #storeId: Uint8Array | undefined;
  #current: Snapshot | undefined;
  #checkedUntil = 0;

  /** @param path absolute. */
  constructor(
    path: string,
    options: CheckedOptions,
    onUnlock: (unlocked: Unlocked, header: StoreHeader) => Promise<void>,
  ) {
    this.keys = new KeyRing(options.keyProviders, this.#closing.signal, onUnlock);
    this.#path = new StorePath(path);
    this.#options = options;
    this.#guard = new RollbackGuard(path, options.witness);
    this.#backups = new Backups(options.backups);
    this.#idle = new IdleWatch(options.idleWipeMs, () => this.#wipeIfIdle());
  }

  /** Fires when the store is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The generation that is on disk now, opened. Answers at once when it is the one in memory. */
  snapshot(signal?: AbortSignal): Snapshot | Promise<Snapshot> {
    this.#assertAccepting();
    assertNotAborted(signal);
    this.#idle.touch();
    return this.#remembered() ?? this.#reading.join((read) => this.#isCurrent(read), signal);
  }

  /** Replaces the file by what the change makes of it. No change of another process is lost. */
  async update<T>(change: Change<T>, signal?: AbortSignal): Promise<T> {
    // Keys are had before the lock is taken: a derivation is slow.
    await this.snapshot(signal);
    this.#assertAccepting();
    const write = this.#update(change, signal);
    this.#writes.add(write);
    try {
      return await write;
    } catch (error) {
      throw fileError(error, signal);
    } finally {
      this.#writes.delete(write);
      this.#idle.touch();
    }
  }

  /** Takes over a generation that this process has written, as soon as the guard has: before, nobody reads it. */
  async adopt(snapshot: Snapshot): Promise<void> {
    const written = { ...snapshot, ...this.keys.hold(snapshot) };
    if (await this.#guard.isNewest(written.header)) this.#keep(written);
    else if (this.#isCurrent(written)) throw this.#guard.refusal();
  }

  /** Refuses new calls, waits for the writes under way, and zeroes all keys. */
  async close(): Promise<void> {
    this.#refusing = true;
    await Promise.allSettled(this.#writes);
    this.#closing.abort(closed());
    this.#idle.stop();
    await this.#reading.running?.catch(() => undefined);
    this.#wipe();
  }

  /** The snapshot in memory if it is the one on disk. */
  #remembered(): Snapshot | undefined {
    const snapshot = this.#current;
    if (snapshot === undefined) return undefined;
    const { cacheCheckMs } = this.#options;
    if (cacheCheckMs > 0 && performance.now() < this.#checkedUntil) return snapshot;
    // A look that fails is none: the next access looks again.
    this.#checkedUntil = 0;
    if (!this.#isCurrent(snapshot)) return undefined;
    if (cacheCheckMs > 0) this.#checkedUntil = performance.now() + cacheCheckMs;
    return snapshot;
  }

  async #read(): Promise<Snapshot> {
    for (;;) {
      const file = await this.#path.read();
      const snapshot = await this.#open(file);
      if (await this.#guard.isNewest(snapshot.header)) {
        this.#keep(snapshot);
        return snapshot;
      }
      if (this.#isCurrent(file)) throw this.#guard.refusal();
    }
  }

  #isCurrent({ generation }: Pick<Snapshot, "generation">): boolean {
    return this.#path.holds(generation);
  }

  async #open(file: PrivateFile): Promise<Snapshot> {
    const current = this.#current;
    if (current !== undefined && sameGeneration(current.generation, file.generation)) return current;
    const container = splitContainer(file.bytes);
    const header = readHeader(container.header);
    if (this.#storeId !== undefined && !constantTimeEqual(this.#storeId, header.id))
      throw new SecretError(
        "SECRET_TAMPERED",
        "another store is in the place of the secret file: open it again",
      );
    return { generation: file.generation, header, ...(await this.keys.open(header, container)) };
  }

  async #update<T>(change: Change<T>, signal: AbortSignal | undefined): Promise<T> {
    let computed: Computed<T> | undefined;
    const held = this.#current;
    // What is held open need not be read and opened again; a backup wants its bytes, though.
    const remembered =
      held === undefined || this.#backups.wanted
        ? undefined
        : { generation: held.generation, bytes: NOTHING };
    const compute = async (file: PrivateFile | undefined): Promise<Uint8Array | undefined> => {
      if (file === undefined) throw new SecretError("SECRET_STORE_MISSING", "the secret file is gone");
      const base = held !== undefined && file === remembered ? held : await this.#open(file);
      // An overtaken file is no rollback: the change will be computed again from the newer one.
      if (!(await this.#guard.isNewest(base.header)) && this.#isCurrent(file)) throw this.#guard.refusal();
      const { result, next } = await change(base);
      computed = { result };
      if (next === undefined) return undefined;
      const { bytes, snapshot } = nextGeneration(base, next, this.#options.now());
      computed = { result, snapshot };
      await this.#backups.keep(this.#path.real, base.header.generation, file.bytes);
      return bytes;
    };
    const { generation } = await updateFile(this.#path.real, compute, {
      maxBytes: MAX_FILE_BYTES,
      ...(remembered !== undefined && { remembered }),
      ...(signal !== undefined && { signal }),
    });
    const { result, snapshot } = computed as Computed<T>;
    if (snapshot !== undefined && generation !== undefined) {
      await this.adopt({ ...snapshot, generation });
      await this.#backups.prune(this.#path.real);
    }
    return result;
  }

  #keep(snapshot: Snapshot): void {
    this.closing.throwIfAborted();
    this.#storeId ??= snapshot.header.id;
    this.#current = snapshot;
    this.#idle.start();
  }

  #wipeIfIdle(): boolean {
    if (this.#writes.size > 0 || this.#reading.running !== undefined) return false;
    this.#wipe();
    return true;
  }

  #wipe(): void {
    this.keys.wipe();
    this.#current = undefined;
  }

  #assertAccepting(): void {
    if (this.#refusing) throw closed();
  }
}

function closed(): SecretError {
  return new SecretError("SECRET_CLOSED", "the secret file was closed");
}

/** What the last call of a change came to. */
interface Computed<T> {
  readonly result: T;
  readonly snapshot?: Omit<Snapshot, "generation">;
}
