import { FilestoreError, ParsedFile, type PrivateFile, updateFile } from "@symbiont/filestore";
import { type Clock, encodeUtf8, isProduction, type JsonObject, parseJson } from "@symbiont/kit";
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

/** How the key file is read. */
export interface FileStoreOptions {
  /** Largest file that is read or written, in bytes. Default 16 MiB. */
  readonly maxBytes?: number;
  /**
   * How long the records seen last are used on when the file cannot be trusted, in milliseconds. A key revoked in that
   * time stays good in it. Refused in production (`SYMBIONT_ENV`, `NODE_ENV`). Default 0: not at all.
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
  readonly #file: ParsedFile<Entries>;

  /**
   * @param path of the file; its folder must exist.
   * @throws RangeError
   */
  constructor(path: string, options: FileStoreOptions = {}) {
    this.#path = path;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#file = new ParsedFile(path, { maxBytes: this.#maxBytes, parse: (file) => this.#parse(file) });
    const staleMs = checkedCount("staleMs", options.staleMs ?? 0, 0);
    if (staleMs > 0 && isProduction(process.env)) throw new RangeError("staleMs must be 0 in production");
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
      const entries = this.#file.read();
      if (!(entries instanceof Promise)) return this.#lastGood.accept(entries);
      return entries.then(
        (entries) => this.#lastGood.accept(entries),
        (error: unknown) => this.#lastGood.reject(asApiKeyError(error)),
      );
    } catch (error) {
      return this.#lastGood.reject(asApiKeyError(error));
    }
  }

  #parse(file: PrivateFile | undefined): Map<string, Entry> {
    if (file === undefined) return new Map();
    let array: unknown;
    try {
      array = parseJson(file.bytes, { maxBytes: this.#maxBytes, reservedNames: [] });
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

  async #update(change: (entries: Map<string, Entry>) => boolean): Promise<void> {
    try {
      await updateFile(
        this.#path,
        (file) => {
          const entries = this.#parse(file);
          if (!change(entries)) return undefined;
          const array = [...entries.values()].map(({ json }) => json);
          return encodeUtf8(`${JSON.stringify(array, null, 2)}\n`);
        },
        { maxBytes: this.#maxBytes },
      );
    } catch (error) {
      throw asApiKeyError(error);
    }
  }
}

/** Members that we do not know stay where they are. */
function changed(current: Entry | undefined, record: ApiKeyRecord): Entry {
  const kept = Object.entries(current?.json ?? {}).filter(([name]) => !OPTIONAL_MEMBERS.has(name));
  return { json: { ...Object.fromEntries(kept), ...writeRecord(record) }, record };
}

function asApiKeyError(error: unknown): ApiKeyError {
  if (ApiKeyError.is(error)) return error;
  const why = FilestoreError.is(error) ? `: ${error.message}` : "";
  return new ApiKeyError("API_KEY_STORE_UNAVAILABLE", `key file cannot be used${why}`, {
    cause: error,
    retryable: FilestoreError.is(error) && error.retryable,
  });
}
