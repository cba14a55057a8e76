import { frozenCopy } from "@symbiont/kit";
import { ApiKeyError } from "./errors.ts";
import type { ApiKeyRecord } from "./record.ts";
import { type ApiKeyQuery, type ApiKeyStore, keepLastUse, selectRecords, touched } from "./store.ts";

/** Keeps records in this process only. For tests, and for keys that need not outlive it. */
export class MemoryStore implements ApiKeyStore {
  readonly #records = new Map<string, ApiKeyRecord>();

  get(keyId: string): ApiKeyRecord | undefined {
    return this.#records.get(keyId);
  }

  async put(record: ApiKeyRecord, { ifVersion }: { readonly ifVersion: number }): Promise<void> {
    const current = this.#records.get(record.keyId);
    if ((current?.version ?? 0) !== ifVersion)
      throw new ApiKeyError("API_KEY_CONFLICT", "the record was changed by somebody else");
    this.#records.set(record.keyId, frozenCopy(keepLastUse(record, current)));
  }

  async list(query: ApiKeyQuery): Promise<readonly ApiKeyRecord[]> {
    return selectRecords(this.#records.values(), query);
  }

  async touch(keyIds: readonly string[], when: number): Promise<void> {
    for (const keyId of keyIds) {
      const record = touched(this.#records.get(keyId), when);
      if (record !== undefined) this.#records.set(keyId, frozenCopy(record));
    }
  }
}
