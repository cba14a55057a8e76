import { sha256Hex } from "@symbiont/keys";
import type { AuditRecord } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { OUTCOMES, RECORD_TYPE } from "../audit-limits.ts";
import { type EncodedRecord, encodeCallerRecord, encodeRecord } from "../journal/encoded-record.ts";

/** Encodes a record, or, when it cannot be written, a stub that says that there was one and the hash of why. */
export function encodeOrStub(record: AuditRecord, origin: string): EncodedRecord {
  try {
    return encodeCallerRecord(record);
  } catch (error) {
    const { code, message } = asAuditError(error);
    const { type, outcome } = readable(record);
    return encodeRecord({
      type: RECORD_TYPE.test(type) && !type.startsWith("journal.") ? type : "journal.stub",
      outcome: OUTCOMES.has(outcome) ? (outcome as AuditRecord["outcome"]) : "info",
      actor: { kind: "service", id: origin },
      data: { stub: true, code, reason: sha256Hex(message) },
    });
  }
}

/** Even a member can be a getter that throws. */
function readable(record: unknown): { readonly type: string; readonly outcome: unknown } {
  try {
    const { type, outcome } = record as { readonly type?: unknown; readonly outcome?: unknown };
    return { type: typeof type === "string" ? type : "", outcome };
  } catch {
    return { type: "", outcome: undefined };
  }
}
