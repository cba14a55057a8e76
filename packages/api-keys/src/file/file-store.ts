import {
  FilestoreError,
  fileGeneration,
  type Generation,
  type PrivateFile,
  readPrivateFile,
  sameGeneration,
  updateFile,
} from "@symbiont/filestore";
import { type Clock, encodeUtf8, type JsonObject, parseJson } from "@symbiont/kit";
import { ApiKeyError } from "../errors.ts";
import { checkedCount } from "../options.ts";
import type { ApiKeyRecord } from "../record.ts";
import { OPTIONAL_MEMBERS, readRecord, writeRecord } from "../record-json.ts";
import {
  type ApiKeyQuery,
  type ApiKeyStore,
  keepLastUse,
  type StoreEvent,
  selectRecords,
  touched,
} from "../store.ts";
import { LastGood } from "./last-good.ts";

const DEFAULT_MAX_BYTES = 16 << 20;
const LOAD_ATTEMPTS = 10;

/** How the key file is read. */
export interface FileStoreOptions {
  /** Largest file that is read or written, in bytes. Default 16 MiB. */
  readonly maxBytes?: number;
  /**
   * How long the records seen last are used on when the file cannot be trusted, in milliseconds. A key revoked in that
   * time stays good in it. Refused in production (`SYMBIONT_ENV=production`). Default 0: not at all.
   */
  readonly staleMs?: number;
  /** Measures `staleMs`. Default `Date`. */
  readonly clock?: Clock;
}

/** One record as it stands in the file, and read. */
interface Entry {
  readonly json: JsonObject;
  readonly record: ApiKeyRecord;
}

type Entries = ReadonlyMap<string, Entry>;

/** What was found in one generation of the file: its records, or why there are none to be had. */
interface Loaded {
  readonly generation: Generation;
  readonly content: Entries | ApiKeyError;
}

/**
 * Keeps records in one private file (0600): Symbiont's JSON array, which Symbiont reads too. Shared safely between
 * the processes of one machine. Every read looks whether the file is still the one in memory.
 *
 * No file is an empty store. A file that is broken, that others may read, or that holds an id twice fails every
 * call: nobody is authenticated until it is repaired.
 *
 * Differs from Symbiont: there a broken file gives way to the one legacy token, and of two records with one id
 * the last counts.
 */
export class FileStore implements ApiKeyStore {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #lastGood: LastGood<Entry>;
  #loaded: Loaded | undefined;
  #loading: Promise<void> | undefined;

  /**
   * @param path of the file; its folder must exist.
   * @throws RangeError
   */
  constructor(path: string, options: FileStoreOptions = {}) {
    this.#path = path;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    const staleMs = checkedCount("staleMs", options.staleMs ?? 0, 0);
    if (staleMs > 0 && process.env["SYMBIONT_ENV"] === "production")
      throw new RangeError("staleMs must be 0 in production");
    this.#lastGood = new LastGood(staleMs, options.clock ?? Date);
  }

  get(keyId: string): ApiKeyRecord | undefined | Promise<ApiKeyRecord | undefined> {
    const entries = this.#entries();
    return entries instanceof Promise
      ? entries.then((loaded) => loaded.get(keyId)?.record)
      : entries.get(keyId)?.record;
  }

  async put(record: ApiKeyRecord, { ifVersion }: { readonly ifVersion: number }): Promise<void> {
    await this.#update((entries) => {
      const current = entries.get(record.keyId);
      if ((current?.record.version ?? 0) !== ifVersion)
        throw new ApiKeyError("API_KEY_CONFLICT", "the record was changed by somebody else");
      entries.set(record.keyId, changed(current, keepLastUse(record, current?.record)));
      return true;
    });
  }

  async list(query: ApiKeyQuery): Promise<readonly ApiKeyRecord[]> {
    const entries = await this.#entries();
    return selectRecords(
      [...entries.values()].map(({ record }) => record),
      query,
    );
  }

  async touch(keyIds: readonly string[], when: number): Promise<void> {
    await this.#update((entries) => {
      let any = false;
      for (const keyId of keyIds) {
        const current = entries.get(keyId);
        const next = touched(current?.record, when);
        if (next === undefined) continue;
        entries.set(keyId, changed(current, next));
        any = true;
      }
      return any;
    });
  }

  watch(listener: (event: StoreEvent) => void): () => void {
    return this.#lastGood.watch(listener);
  }

  /** The records to go by. */
  #entries(): Entries | Promise<Entries> {
    try {
      const entries = this.#current();
      if (entries !== undefined) return this.#lastGood.accept(entries);
    } catch (error) {
      return this.#lastGood.reject(error);
    }
    return this.#load().then(
      (entries) => this.#lastGood.accept(entries),
      (error: unknown) => this.#lastGood.reject(error),
    );
  }

  /** The records in memory if they are those on disk; undefined when the file must be read. */
  #current(): Entries | undefined {
    const generation = this.#generation();
    if (generation === undefined) return NOTHING;
    if (this.#loaded === undefined || !sameGeneration(this.#loaded.generation, generation)) return undefined;
    if (this.#loaded.content instanceof ApiKeyError) throw this.#loaded.content;
    return this.#loaded.content;
  }

  /** Readers that come together share one read, but none settles for one that began before the file changed. */
  async #load(): Promise<Entries> {
    for (let attempt = 0; attempt < LOAD_ATTEMPTS; attempt += 1) {
      this.#loading ??= this.#read().finally(() => {
        this.#loading = undefined;
      });
      await this.#loading;
      const entries = this.#current();
      if (entries !== undefined) return entries;
    }
    throw new ApiKeyError("API_KEY_STORE_UNAVAILABLE", "key file changes faster than it can be read", {
      retryable: true,
    });
  }

  async #read(): Promise<void> {
    let file: PrivateFile;
    try {
      file = await readPrivateFile(this.#path, { maxBytes: this.#maxBytes });
    } catch (error) {
      if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return;
      throw unavailable(error);
    }
    this.#loaded = { generation: file.generation, content: this.#parseOrError(file) };
  }

  /** A broken file is remembered as such: parsing it again for every request of a flood would be a gift. */
  #parseOrError(file: PrivateFile): Entries | ApiKeyError {
    try {
      return this.#parse(file);
    } catch (error) {
      return error as ApiKeyError;
    }
  }

  #parse({ bytes }: PrivateFile): Map<string, Entry> {
    let array: unknown;
    try {
      array = parseJson(bytes, { maxBytes: this.#maxBytes, reservedNames: [] });
    } catch (cause) {
      throw new ApiKeyError("API_KEY_STORE_CORRUPT", "key file is corrupt: it is not strict JSON", { cause });
    }
    if (!Array.isArray(array))
      throw new ApiKeyError("API_KEY_STORE_CORRUPT", "key file is corrupt: it is not an array");
    const entries = new Map<string, Entry>();
    for (const json of array as JsonObject[]) {
      const record = readRecord(json);
      if (entries.has(record.keyId))
        throw new ApiKeyError("API_KEY_STORE_CORRUPT", "key file is corrupt: it holds a key_id twice");
      entries.set(record.keyId, { json, record });
    }
    return entries;
  }

  #generation(): Generation | undefined {
    try {
      return fileGeneration(this.#path);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #update(change: (entries: Map<string, Entry>) => boolean): Promise<void> {
    try {
      await updateFile(
        this.#path,
        (file) => {
          const entries = file === undefined ? new Map<string, Entry>() : this.#parse(file);
          if (!change(entries)) return undefined;
          const array = [...entries.values()].map(({ json }) => json);
          return encodeUtf8(`${JSON.stringify(array, null, 2)}\n`);
        },
        { maxBytes: this.#maxBytes },
      );
    } catch (error) {
      throw ApiKeyError.is(error) ? error : unavailable(error);
    }
  }
}

const NOTHING: Entries = new Map();

/** Members that we do not know stay where they are. */
function changed(current: Entry | undefined, record: ApiKeyRecord): Entry {
  const kept = Object.entries(current?.json ?? {}).filter(([name]) => !OPTIONAL_MEMBERS.has(name));
  return { json: { ...Object.fromEntries(kept), ...writeRecord(record) }, record };
}

function unavailable(cause: unknown): ApiKeyError {
  const why = FilestoreError.is(cause) ? `: ${cause.message}` : "";
  return new ApiKeyError("API_KEY_STORE_UNAVAILABLE", `key file cannot be used${why}`, {
    cause,
    retryable: FilestoreError.is(cause) && cause.retryable,
  });
}
