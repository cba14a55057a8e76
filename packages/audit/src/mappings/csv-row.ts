import type { JournalRecord } from "../read/journal-records.ts";
import { membersOf, textOf } from "./members.ts";

/** The columns of {@link toCsvRow}, for the first line of a file. */
export const CSV_COLUMNS: readonly string[] = [
  "origin",
  "sequence",
  "time",
  "type",
  "outcome",
  "actor_kind",
  "actor_id",
  "action",
  "resource_kind",
  "resource_id",
  "policy_code",
  "error_code",
  "attempt",
  "leaf",
  "record",
];

/**
 * A record as a row of comma-separated values (RFC 4180) without its line break, the canonical record in the last
 * column. Text that a spreadsheet would take for a formula has an apostrophe before it.
 */
export function toCsvRow({ origin, sequence, leaf, line, record }: JournalRecord): string {
  const { ts, type, out, actor, act, res, pol, err, of } = record;
  const values = [
    origin,
    String(sequence),
    textOf(ts),
    textOf(type),
    textOf(out),
    textOf(membersOf(actor)["kind"]),
    textOf(membersOf(actor)["id"]),
    textOf(act),
    textOf(membersOf(res)["kind"]),
    textOf(membersOf(res)["id"]),
    textOf(membersOf(pol)["code"]),
    textOf(membersOf(err)["code"]),
    typeof of === "number" ? String(of) : "",
    leaf,
    line,
  ];
  return values.map(quoted).join(",");
}

function quoted(value: string): string {
  // A tab and a carriage return begin a formula as well, in some programs.
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
