import { parseJson } from "@symbiont/kit";
import { normalizeAgent } from "../agent-scope.ts";
import { ApiKeyError } from "../errors.ts";
import type { ApiKeyRecord } from "../record.ts";
import { readRecord, writeRecord } from "../record-json.ts";
import { type ApiKeyQuery, type ApiKeyStore, DEFAULT_PAGE } from "../store.ts";
import { ask, checkedTable, type PostgresClient } from "./postgres-client.ts";

/** Where records are when nobody says. */
export const DEFAULT_TABLE = "api_keys";

/** Where records are in the database. */
export interface PostgresStoreOptions {
  /** Default `"api_keys"`. */
  readonly table?: string;
}

/** Columns that a change writes. The time of last use has its own way. */
const CHANGED = `key_hash, agent_scope, scopes, description, owner, display, created_at, not_before, expires_at,
  revoked, revoked_at, revoked_reason, replaced_by, version, metadata`;

/**
 * Keeps records in Postgres 12 or newer, read by primary key at every verification. Point it at the primary: a replica
 * is late by definition. Rows travel as JSON in the layout of the key file, so that no driver's idea of
 * timestamps, arrays and big integers matters. Call `migrate` once.
 */
export class PostgresStore implements ApiKeyStore {
  readonly #client: PostgresClient;
  readonly #table: string;

  /** @throws RangeError when the table's name is not plain. */
  constructor(client: PostgresClient, options: PostgresStoreOptions = {}) {
    this.#client = client;
    this.#table = checkedTable(options.table ?? DEFAULT_TABLE);
  }

  async get(keyId: string): Promise<ApiKeyRecord | undefined> {
    const [record] = await this.#records(
      `select to_jsonb(k)::text as record from ${this.#table} k where key_id = $1::text`,
      [keyId],
    );
    return record;
  }

  async put(record: ApiKeyRecord, { ifVersion }: { readonly ifVersion: number }): Promise<void> {
    const row = JSON.stringify(writeRecord(record));
    const written =
      ifVersion === 0
        ? await ask(
            this.#client,
            `insert into ${this.#table} select r.* from jsonb_populate_record(null::${this.#table}, $1::text::jsonb) r
             on conflict (key_id) do nothing returning key_id`,
            [row],
          )
        : await ask(
            this.#client,
            `update ${this.#table} k set (${CHANGED}, last_used_at) =
               (select ${CHANGED}, greatest(k.last_used_at, r.last_used_at)
                from jsonb_populate_record(null::${this.#table}, $1::text::jsonb) r)
             where k.key_id = $2::text and k.version = $3::text::bigint returning k.key_id`,
            [row, record.keyId, String(ifVersion)],
          );
    if (written.length === 0)
      throw new ApiKeyError("API_KEY_CONFLICT", "the record was changed by somebody else");
  }

  async list(query: ApiKeyQuery): Promise<readonly ApiKeyRecord[]> {
    const { owner, agent, includeRevoked, expiresBefore, after, limit = DEFAULT_PAGE } = query;
    return this.#records(
      `select to_jsonb(k)::text as record from ${this.#table} k
       where ($1::text is null or owner = $1)
         and ($2::text is null or agent_scope is null or $2 = any (agent_scope))
         and ($3::text = 'true' or not revoked)
         and ($4::text is null or expires_at < $4::timestamptz)
         and key_id > $5::text collate "C"
       order by key_id limit $6::text::bigint`,
      [
        owner ?? null,
        agent === undefined ? null : normalizeAgent(agent),
        String(includeRevoked === true),
        expiresBefore === undefined ? null : new Date(expiresBefore).toISOString(),
        after ?? "",
        String(limit),
      ],
    );
  }

  async touch(keyIds: readonly string[], when: number): Promise<void> {
    await ask(
      this.#client,
      `update ${this.#table} set last_used_at = greatest(last_used_at, $2::text::timestamptz)
       where key_id in (select jsonb_array_elements_text($1::text::jsonb)) and not revoked`,
      [JSON.stringify(keyIds), new Date(when).toISOString()],
    );
  }

  async #records(text: string, params: unknown[]): Promise<readonly ApiKeyRecord[]> {
    const rows = await ask(this.#client, text, params);
    return rows.map((row) => {
      const { record } = (row ?? {}) as { readonly record?: unknown };
      if (typeof record !== "string")
        throw new ApiKeyError(
          "API_KEY_STORE_CORRUPT",
          "the database answered with something else than a record",
        );
      return readRecord(readJson(record));
    });
  }
}

function readJson(text: string): unknown {
  try {
    return parseJson(text, { reservedNames: [] });
  } catch (cause) {
    throw new ApiKeyError("API_KEY_STORE_CORRUPT", "a record is not strict JSON", { cause });
  }
}
