import { sha256Hex } from "@symbiont/keys";
import {
  type AuditRecord,
  type AuditSink,
  excerpt,
  type JsonObject,
  parseJson,
  type Redactor,
} from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";

/** Which of Symbiont's files of JSON lines is read. */
export type SymbiontLogKind =
  /** Reads of secrets. */
  | "secret_audit"
  /** The approval relay. */
  | "approval"
  /** A session of the managed command line. */
  | "mode_b";

/** What is imported, and as what. */
export interface SymbiontLog {
  /** The file's lines, for example a `readline` interface. Empty ones are passed over. */
  readonly lines: Iterable<string> | AsyncIterable<string>;
  /** Whose log it was: the actor of the records. */
  readonly source: string;
  /** Takes secrets out of each entry. Default as they are, but for `error_message`. */
  readonly redactor?: Redactor;
  /** Keep the free text of `error_message`. Default false. */
  readonly errorMessages?: boolean;
}

/** Longest line. What does not fit into a record is left out there, with its digest. */
const MAX_LINE_BYTES = 4 << 20;

/** Members that every entry of a kind has, with their types. */
const MEMBERS: Readonly<Record<SymbiontLogKind, Readonly<Record<string, string>>>> = {
  secret_audit: { timestamp: "string", agent_id: "string", operation: "string", outcome: "string" },
  approval: { timestamp: "string", event_type: "string", request_id: "string" },
  mode_b: {},
};

/**
 * Appends each entry of one of Symbiont's logs, which are neither chained nor signed, as a record `import.<kind>` with the
 * hash of the original line. An entry that is longer than a record is kept without what does not fit.
 * @returns how many there were.
 * @throws AuditError `AUDIT_CORRUPT` with the line's number, from 0, in `record`, for what is no entry of the kind or
 * longer than 4 MiB: those before it are imported. And what the sink throws.
 */
export async function importSymbiontLog(
  sink: AuditSink,
  kind: SymbiontLogKind,
  log: SymbiontLog,
): Promise<number> {
  if (!Object.hasOwn(MEMBERS, kind)) throw new TypeError("kind must be secret_audit, approval or mode_b");
  let number = 0;
  let imported = 0;
  for await (const line of log.lines) {
    if (line.trim() !== "") {
      const entry = readEntry(line, kind, number);
      await sink.append(importedRecord(kind, entry, { ...log, sha256: sha256Hex(line) }));
      imported += 1;
    }
    number += 1;
  }
  return imported;
}

function readEntry(line: string, kind: SymbiontLogKind, record: number): JsonObject {
  try {
    const entry = parseJson(line, { maxBytes: MAX_LINE_BYTES }) as JsonObject;
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) throw new Error("not an object");
    for (const [name, type] of Object.entries(MEMBERS[kind]))
      if (typeof entry[name] !== type) throw new Error(`${name} is missing`);
    return entry;
  } catch (cause) {
    const message = `line ${record} is no entry of a ${kind} log: ${excerpt(line, 40)}`;
    throw new AuditError("AUDIT_CORRUPT", message, { cause, record });
  }
}

function importedRecord(
  kind: SymbiontLogKind,
  entry: JsonObject,
  { source, sha256, redactor, errorMessages = false }: SymbiontLog & { readonly sha256: string },
): AuditRecord {
  const { error_message: message, ...rest } = entry;
  const kept = message === undefined || errorMessages ? entry : { ...rest, error_message: null };
  const safe = redactor === undefined ? kept : (redactor.redact(kept) as JsonObject);
  const data = { chain: "none", sha256, entry: safe };
  return { type: `import.${kind}`, outcome: "info", actor: { kind: "service", id: source }, data };
}
