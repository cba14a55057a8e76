import { corrupt, parsePin, readPinKey, writePin } from "../pin-json.ts";
import { type ManagedPinStore, type Pin, type PinId, pinKey, type StoredPin } from "../pin-store.ts";
import { unavailable } from "../store-unavailable.ts";

/** What is needed of a client: `pg.Pool`, `pg.Client`, or anything of the shape. */
export interface PostgresClient {
  query(text: string, params?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Where pins are in the database. */
export interface PostgresPinStoreOptions {
  /** Default `"schemapin_pins"`. */
  readonly table?: string;
}

const TABLE = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * Keeps pins in Postgres 12 or newer. Point it at the primary: a replica that is late trusts a first use twice. Names
 * and pins travel as JSON inside JSON, so that no text, not even one with a NUL, is a different one in the database.
 * Call `migratePins` once.
 *
 * @throws SchemaPinError from its methods: `SCHEMAPIN_PIN_STORE_CORRUPT`, `SCHEMAPIN_PIN_STORE_UNAVAILABLE`.
 */
export class PostgresPinStore implements ManagedPinStore {
  readonly #client: PostgresClient;
  readonly #table: string;

  /** @throws RangeError when the table's name is not plain. */
  constructor(client: PostgresClient, options: PostgresPinStoreOptions = {}) {
    this.#client = client;
    this.#table = checkedTable(options.table);
  }

  async get(id: PinId): Promise<Pin | undefined> {
    const [pin] = await this.getAll([id]);
    return pin;
  }

  async getAll(ids: readonly PinId[]): Promise<readonly (Pin | undefined)[]> {
    if (ids.length === 0) return [];
    const keys = ids.map(pinKey);
    const rows = await this.#rows(
      `select id, pin from ${this.#table} where id in (select jsonb_array_elements_text($1::text::jsonb))`,
      [JSON.stringify(keys)],
    );
    const found = new Map(rows.map(({ id, pin }) => [id, parsePin(pin)]));
    return keys.map((key) => found.get(key));
  }

  async put(pins: readonly StoredPin[]): Promise<void> {
    if (pins.length === 0) return;
    const rows = new Map(pins.map(({ id, pin }) => [pinKey(id), writePin(pin)]));
    // In one order for everybody: two that write the same rows must not wait for each other.
    await this.#rows(
      `insert into ${this.#table} (id, pin)
       select r.id, r.pin from jsonb_to_recordset($1::text::jsonb) as r(id text, pin text) order by r.id collate "C"
       on conflict (id) do update set pin = excluded.pin`,
      [JSON.stringify([...rows].map(([id, pin]) => ({ id, pin })))],
    );
  }

  async list(): Promise<readonly StoredPin[]> {
    const rows = await this.#rows(`select id, pin from ${this.#table}`, []);
    return rows.map(({ id, pin }) => ({ id: readPinKey(id), pin: parsePin(pin) }));
  }

  async remove(ids: readonly PinId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#rows(
      `delete from ${this.#table} where id in (select jsonb_array_elements_text($1::text::jsonb))`,
      [JSON.stringify(ids.map(pinKey))],
    );
  }

  async #rows(
    text: string,
    params: unknown[],
  ): Promise<readonly { readonly id?: unknown; readonly pin?: unknown }[]> {
    let answer: { readonly rows: readonly unknown[] };
    try {
      answer = await this.#client.query(text, params);
    } catch (cause) {
      throw unavailable("the database could not be asked", cause);
    }
    if (!Array.isArray(answer?.rows)) throw corrupt("the database did not answer with rows");
    return answer.rows.map((row) => (row ?? {}) as { readonly id?: unknown; readonly pin?: unknown });
  }
}

/** Checks a table name: it is the only part of a statement that is not a parameter. @throws RangeError */
export function checkedTable(table = "schemapin_pins"): string {
  if (!TABLE.test(table))
    throw new RangeError("table must be 1 to 63 of a-z, 0-9 and _, not beginning with a digit");
  return `"${table}"`;
}
