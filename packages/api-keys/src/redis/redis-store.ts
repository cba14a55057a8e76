import { parseJson } from "@symbiont/kit";
import { ApiKeyError } from "../errors.ts";
import type { ApiKeyRecord } from "../record.ts";
import { readRecord, writeRecord } from "../record-json.ts";
import { type ApiKeyQuery, type ApiKeyStore, DEFAULT_PAGE, matchesQuery } from "../store.ts";
import { ask, checkedNamespace, type RedisClient } from "./redis-client.ts";

/** Where records are in Redis. */
export interface RedisStoreOptions {
  /** Begins the name of everything stored. Default `"api-keys"`. */
  readonly namespace?: string;
}

const PAGE = 200;

// KEYS: record, index. ARGV: expected version, new version, record, revoked, last use or empty, key id.
const PUT = `
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'record', ARGV[3], 'revoked', ARGV[4])
local used = tonumber(redis.call('HGET', KEYS[1], 'last_used') or '0')
if ARGV[5] ~= '' and tonumber(ARGV[5]) > used then redis.call('HSET', KEYS[1], 'last_used', ARGV[5]) end
redis.call('ZADD', KEYS[2], 0, ARGV[6])
return 1`;

// KEYS: records. ARGV: instant.
const TOUCH = `
for _, key in ipairs(KEYS) do
  if redis.call('HGET', key, 'revoked') == '0' then
    local used = tonumber(redis.call('HGET', key, 'last_used') or '0')
    if tonumber(ARGV[1]) > used then redis.call('HSET', key, 'last_used', ARGV[1]) end
  end
end
return 1`;

/**
 * Keeps records in Redis 6 or newer: one hash per key, read at every verification, and an index of the ids. All names
 * share one hash tag, so that a cluster keeps them in one slot.
 *
 * A Redis that comes back with old data brings revoked keys back: run it with `appendonly yes`, without
 * eviction, and read from the primary.
 */
export class RedisStore implements ApiKeyStore {
  readonly #client: RedisClient;
  readonly #namespace: string;

  /** @throws RangeError when the namespace is not plain. */
  constructor(client: RedisClient, options: RedisStoreOptions = {}) {
    this.#client = client;
    this.#namespace = `{${checkedNamespace(options.namespace ?? "api-keys")}}`;
  }

  async get(keyId: string): Promise<ApiKeyRecord | undefined> {
    const answer = await ask(this.#client, "HMGET", this.#key(keyId), "version", "record", "last_used");
    if (!Array.isArray(answer)) throw corrupt("the answer is not a list");
    const [version, text, lastUsed] = answer as unknown[];
    if (version === null && text === null) return undefined;
    return read({ version, text, lastUsed });
  }

  async put(record: ApiKeyRecord, { ifVersion }: { readonly ifVersion: number }): Promise<void> {
    const { lastUsedAt, ...rest } = record;
    const written = await this.#script(PUT, [this.#key(record.keyId), this.#index()], {
      expected: String(ifVersion),
      version: String(record.version),
      record: JSON.stringify(writeRecord(rest)),
      revoked: record.revoked ? "1" : "0",
      lastUsed: String(lastUsedAt ?? ""),
      keyId: record.keyId,
    });
    if (Number(written) !== 1)
      throw new ApiKeyError("API_KEY_CONFLICT", "the record was changed by somebody else");
  }

  async list(query: ApiKeyQuery): Promise<readonly ApiKeyRecord[]> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const found: ApiKeyRecord[] = [];
    let from = query.after === undefined ? "-" : `(${query.after}`;
    for (;;) {
      const keyIds = await ask(
        this.#client,
        "ZRANGEBYLEX",
        this.#index(),
        from,
        "+",
        "LIMIT",
        "0",
        String(PAGE),
      );
      if (!Array.isArray(keyIds)) throw corrupt("the index is not a list");
      const records = await Promise.all(keyIds.map((keyId) => this.get(String(keyId))));
      for (const record of records) {
        if (record === undefined || !matchesQuery(record, query)) continue;
        found.push(record);
        if (found.length === limit) return found;
      }
      if (keyIds.length < PAGE) return found;
      from = `(${String(keyIds.at(-1))}`;
    }
  }

  async touch(keyIds: readonly string[], when: number): Promise<void> {
    for (let start = 0; start < keyIds.length; start += PAGE) {
      const keys = keyIds.slice(start, start + PAGE).map((keyId) => this.#key(keyId));
      await this.#script(TOUCH, keys, { when: String(when) });
    }
  }

  #key(keyId: string): string {
    return `${this.#namespace}:key:${keyId}`;
  }

  #index(): string {
    return `${this.#namespace}:ids`;
  }

  /** Arguments by name, in the order in which the script counts them. */
  #script(script: string, keys: readonly string[], args: Readonly<Record<string, string>>): Promise<unknown> {
    return ask(this.#client, "EVAL", script, String(keys.length), ...keys, ...Object.values(args));
  }
}

function read(stored: {
  readonly version: unknown;
  readonly text: unknown;
  readonly lastUsed: unknown;
}): ApiKeyRecord {
  if (typeof stored.text !== "string") throw corrupt("a record is missing");
  let json: unknown;
  try {
    json = parseJson(stored.text, { reservedNames: [] });
  } catch (cause) {
    throw corrupt("a record is not strict JSON", cause);
  }
  const record = readRecord(json);
  if (String(record.version) !== stored.version) throw corrupt("a record has two versions");
  if (stored.lastUsed === null || stored.lastUsed === undefined) return record;
  const lastUsedAt = Number(stored.lastUsed);
  if (!Number.isSafeInteger(lastUsedAt)) throw corrupt("a time of last use is not a number");
  return Object.freeze({ ...record, lastUsedAt });
}

function corrupt(why: string, cause?: unknown): ApiKeyError {
  return new ApiKeyError("API_KEY_STORE_CORRUPT", `key store is corrupt: ${why}`, { cause });
}
