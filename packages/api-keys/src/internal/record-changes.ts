import type { Clock } from "@symbiont/kit";
import { ApiKeyError } from "../errors.ts";
import type { ApiKeyRecord } from "../record.ts";
import type { ApiKeyStore } from "../store.ts";

const ATTEMPTS = 5;

/** The few ways in which a record comes to be and changes, each by compare-and-set. */
export class RecordChanges {
  readonly #store: ApiKeyStore;
  readonly #clock: Clock;

  constructor(store: ApiKeyStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws ApiKeyError `API_KEY_NOT_FOUND`. */
  async existing(keyId: string): Promise<ApiKeyRecord> {
    const record = await this.#store.get(keyId);
    if (record === undefined) throw new ApiKeyError("API_KEY_NOT_FOUND", "there is no key of that id");
    return record;
  }

  /** @throws ApiKeyError `API_KEY_EXISTS`. */
  async insert(record: ApiKeyRecord): Promise<void> {
    try {
      await this.#store.put(record, { ifVersion: 0 });
    } catch (error) {
      if (!isConflict(error)) throw error;
      throw new ApiKeyError("API_KEY_EXISTS", "there is a key of that id already", { cause: error });
    }
  }

  /** @throws ApiKeyError `API_KEY_CONFLICT`. */
  async replace(record: ApiKeyRecord, change: Partial<ApiKeyRecord>): Promise<ApiKeyRecord> {
    const next = { ...record, ...change, version: record.version + 1 };
    await this.#store.put(next, { ifVersion: record.version });
    return next;
  }

  /** Revokes, whoever else changes the record meanwhile. A key that is revoked already stays as it is. */
  async revoke(keyId: string, revokedReason: string): Promise<ApiKeyRecord> {
    for (let attempt = 1; ; attempt += 1) {
      const record = await this.existing(keyId);
      if (record.revoked) return record;
      try {
        return await this.replace(record, { revoked: true, revokedAt: this.#clock.now(), revokedReason });
      } catch (error) {
        if (!isConflict(error) || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

function isConflict(error: unknown): boolean {
  return ApiKeyError.is(error) && error.code === "API_KEY_CONFLICT";
}
