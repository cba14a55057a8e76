import { AuditError } from "../../audit-error.ts";
import type { RecordSink } from "../../shipping/record-sink.ts";

/** What is needed of a client: `pg.Pool`, `pg.Client`, or anything of the shape. */
export interface PostgresClient {
  query(text: string, params?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Where records are in the database. */
export interface PostgresSinkOptions {
  /** Default `"audit_records"`. */
  readonly table?: string;
  /** Default `"postgres"`. */
  readonly name?: string;
}

const TABLE = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * The statement that makes the table, which may be run again. Grant the sink's role INSERT and SELECT only.
 * @throws RangeError when the table's name is not plain.
 */
export function postgresRecordSchema({ table }: PostgresSinkOptions = {}): string {
  return `create table if not exists ${checkedTable(table)} (
  origin text not null,
  seq bigint not null,
  leaf text not null,
  line text not null,
  primary key (origin, seq)
)`;
}

/**
 * Inserts the records, each with its canonical text and leaf hash. One that is there already must have the same leaf.
 * The text is not turned into `jsonb`, which refuses a NUL character and changes numbers; cast it where you query.
 * @throws RangeError when the table's name is not plain; from `send` AuditError `AUDIT_FORKED` when the database has
 * another record in the place of one.
 */
export function postgresSink(client: PostgresClient, options: PostgresSinkOptions = {}): RecordSink {
  const table = checkedTable(options.table);
  const insert = `with sent as (
  select r.origin, r.seq, r.leaf, r.line
  from jsonb_to_recordset($1::text::jsonb) as r(origin text, seq bigint, leaf text, line text)
), kept as (
  insert into ${table} (origin, seq, leaf, line) select origin, seq, leaf, line from sent order by origin, seq
  on conflict do nothing
)
select sent.seq from sent join ${table} old on old.origin = sent.origin and old.seq = sent.seq
where old.leaf <> sent.leaf order by sent.seq limit 1`;
  return {
    name: options.name ?? "postgres",
    send: async (records) => {
      const rows = records.map(({ origin, sequence, leaf, line }) => ({ origin, seq: sequence, leaf, line }));
      const { rows: conflicts } = await client.query(insert, [JSON.stringify(rows)]);
      const [conflict] = conflicts as readonly { readonly seq: unknown }[];
      if (conflict === undefined) return;
      const record = Number(conflict.seq);
      throw new AuditError("AUDIT_FORKED", `the database has another record ${record}`, { record });
    },
  };
}

function checkedTable(table = "audit_records"): string {
  if (!TABLE.test(table))
    throw new RangeError("table must be 1 to 63 of a-z, 0-9 and _, not beginning with a digit");
  return `"${table}"`;
}
