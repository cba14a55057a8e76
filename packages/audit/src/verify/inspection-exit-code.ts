import type { AuditErrorCode } from "../audit-error.ts";
import { type Incompleteness, incompleteness } from "./journal-report.ts";
import type { JournalInspection } from "./verify-journal.ts";

const CODES: ReadonlyMap<AuditErrorCode, number> = new Map([
  ["AUDIT_CORRUPT", 1],
  ["AUDIT_ROLLBACK", 4],
  ["AUDIT_FORKED", 4],
  ["AUDIT_NOTE_UNTRUSTED", 5],
  ["AUDIT_NOTE_MALFORMED", 5],
]);
const UNUSABLE = 2;
const INCOMPLETE = 3;

/**
 * The exit status that an inspection gives a program: 0 all is well, 1 changed or corrupt, 2 it cannot be read, 3 it is
 * right as far as it goes but not complete, 4 rolled back or forked, 5 signed by no key that is trusted for it.
 * @param allowed what may be incomplete all the same. Default nothing.
 */
export function inspectionExitCode(
  inspection: JournalInspection,
  { allowed = [] }: { readonly allowed?: readonly Incompleteness[] } = {},
): number {
  if (!inspection.ok) return CODES.get(inspection.fault.code) ?? UNUSABLE;
  return incompleteness(inspection.report).every((kind) => allowed.includes(kind)) ? 0 : INCOMPLETE;
}
