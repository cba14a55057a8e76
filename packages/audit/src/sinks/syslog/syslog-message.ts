import { hostname } from "node:os";
import type { JournalRecord } from "../../read/journal-records.ts";

/** As whom messages are sent. */
export interface SyslogIdentity {
  /** Default the machine's name. */
  readonly hostname?: string;
  /** Default `"audit"`. */
  readonly appName?: string;
  /** Private enterprise number for the structured data's id. Default 32473, which is reserved for examples. */
  readonly enterprise?: number;
}

/** Facility "log audit". */
const FACILITY = 13;
const WARNING = 4;
const INFORMATIONAL = 6;
const BYTE_ORDER_MARK = "\ufeff";

/** One record as a message: its place and hashes as structured data, its canonical JSON as text. @see RFC 5424 */
export function syslogMessage(record: JournalRecord, identity: SyslogIdentity): string {
  const { out, ts, type, prev } = record.record;
  const severity = out === "denied" || out === "failure" ? WARNING : INFORMATIONAL;
  const host = headerField(identity.hostname ?? hostname(), 255);
  const app = headerField(identity.appName ?? "audit", 48);
  const header = `<${FACILITY * 8 + severity}>1 ${text(ts)} ${host} ${app} ${process.pid} ${headerField(text(type), 32)}`;
  const values = { seq: String(record.sequence), prev: text(prev), leaf: record.leaf, origin: record.origin };
  const data = Object.entries(values).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `${header} [audit@${identity.enterprise ?? 32_473} ${data.join(" ")}] ${BYTE_ORDER_MARK}${record.line}`;
}

function headerField(value: string, most: number): string {
  return value.replace(/[^\x21-\x7e]/g, "_").slice(0, most) || "-";
}

function escaped(value: string): string {
  return value.replace(/["\\\]]/g, "\\$&");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
