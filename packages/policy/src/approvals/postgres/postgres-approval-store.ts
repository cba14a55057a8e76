import type { ApprovalEntry } from "../approval-entry.ts";
import { ApprovalError } from "../approval-error.ts";
import { readEntry, writeEntry } from "../approval-json.ts";
import { type ApprovalStore, DEFAULT_PAGE, type PendingQuery } from "../approval-store.ts";
import { DEFAULT_TABLE } from "./migrate-approvals.ts";
import { ask, checkedTable, type PostgresClient } from "./postgres-client.ts";

/**
 * Keeps entries in Postgres 12 or newer. Point it at the primary: a replica is late, and a late answer can be an
 * approval used twice. Call `migrateApprovals` once.
 */
export class PostgresApprovalStore implements ApprovalStore {
  readonly #client: PostgresClient;
  readonly #table: string;

  /**
   * @param options.table default `"approvals"`.
   * @throws RangeError when the table's name is not plain.
   */
  constructor(client: PostgresClient, options: { readonly table?: string } = {}) {
    this.#client = client;
    this.#table = checkedTable(options.table ?? DEFAULT_TABLE);
  }

  async get(id: string): Promise<ApprovalEntry | undefined> {
    const [entry] = await this.#entries(`select entry from ${this.#table} where id = $1::text`, [id]);
    return entry;
  }

  async put(entry: ApprovalEntry, { ifVersion }: { readonly ifVersion: number }): Promise<void> {
    const { id, version, status, expiresAt, resolvedAt, principal } = entry;
    const row = [id, version, status, principalKey(principal), expiresAt, resolvedAt].map((value) =>
      value === undefined ? null : String(value),
    );
    const columns = "version, status, principal, expires_at, resolved_at, entry";
    const values = "$2::text::bigint, $3::text, $4::text, $5::text::bigint, $6::text::bigint, $7::text";
    const written =
      ifVersion === 0
        ? await ask(
            this.#client,
            `insert into ${this.#table} (id, ${columns}) values ($1::text, ${values})
             on conflict (id) do nothing returning id`,
            [...row, writeEntry(entry)],
          )
        : await ask(
            this.#client,
            `update ${this.#table} set (${columns}) = (${values})
             where id = $1::text and version = $8::text::bigint returning id`,
            [...row, writeEntry(entry), String(ifVersion)],
          );
    if (written.length === 0)
      throw new ApprovalError("APPROVAL_CONFLICT", "the entry was changed by somebody else");
  }

  async pending(query: PendingQuery): Promise<readonly ApprovalEntry[]> {
    const { expiresUntil, after = "", limit = DEFAULT_PAGE } = query;
    return this.#entries(
      `select entry from ${this.#table}
       where status = 'pending' and id > $1::text and ($2::text is null or expires_at <= $2::text::bigint)
       order by id limit $3::text::bigint`,
      [after, expiresUntil === undefined ? null : String(Math.floor(expiresUntil)), String(limit)],
    );
  }

  async countPending(principal?: ApprovalEntry["principal"]): Promise<number> {
    const [row] = await ask(
      this.#client,
      `select count(*)::text as count from ${this.#table}
       where status = 'pending' and ($1::text is null or principal = $1::text)`,
      [principal === undefined ? null : principalKey(principal)],
    );
    const count = Number((row as { readonly count?: unknown } | undefined)?.count ?? Number.NaN);
    if (!Number.isSafeInteger(count)) throw corrupt();
    return count;
  }

  async prune(resolvedBefore: number): Promise<void> {
    const where = "status <> 'pending' and resolved_at < $1::text::bigint";
    await ask(this.#client, `delete from ${this.#table} where ${where}`, [
      String(Math.floor(resolvedBefore)),
    ]);
  }

  async #entries(text: string, params: unknown[]): Promise<readonly ApprovalEntry[]> {
    const rows = await ask(this.#client, text, params);
    return rows.map((row) => {
      const { entry } = (row ?? {}) as { readonly entry?: unknown };
      if (typeof entry !== "string") throw corrupt();
      return readEntry(entry);
    });
  }
}

/** One text for a principal; a kind holds no colon. */
function principalKey({ kind, id }: ApprovalEntry["principal"]): string {
  return `${kind}:${id}`;
}

function corrupt(): ApprovalError {
  return new ApprovalError(
    "APPROVAL_STORE_CORRUPT",
    "the database answered with something else than an entry",
  );
}
