import type { AuditRecord } from "@symbiont/kit";

/** A record of the journal about itself. */
export function serviceRecord(
  origin: string,
  type: "journal.open" | "journal.recovered" | "journal.close",
  data: NonNullable<AuditRecord["data"]>,
): AuditRecord {
  return { type, outcome: "info", actor: { kind: "service", id: origin }, data };
}
