import { encodeUtf8, type JsonObject } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import {
  countOf,
  hashedTime,
  type SymbiontChainOptions,
  textOf,
  verifySymbiontChain,
} from "./chain-entries.ts";

const DECISIONS: ReadonlySet<unknown> = new Set(["allowed", "denied"]);

/** Checks the chain of a Symbiont session transcript. @throws AuditError as {@link verifySymbiontChain} */
export function verifySessionTranscript(entries: readonly JsonObject[], options: SymbiontChainOptions): void {
  verifySymbiontChain(entries, { genesis: "session-transcript-genesis", hashedText }, options);
}

function hashedText(entry: JsonObject): string {
  const { decision, reason } = entry;
  if (!DECISIONS.has(decision)) throw new AuditError("AUDIT_CORRUPT", "a transcript entry has no decision");
  const fields = [
    textOf(entry["session_id"]),
    textOf(entry["sender"]),
    textOf(entry["recipient"]),
    textOf(entry["label"]),
    textOf(decision),
    reason === null || reason === undefined ? "" : textOf(reason),
    hashedTime(entry["timestamp"]),
  ];
  // Lengths in bytes keep a separator in a name from moving the fields.
  return `${countOf(entry["seq"])}|${fields.map((field) => `${encodeUtf8(field).length}:${field}`).join("")}`;
}
