import type { AuditRecord } from "@symbiont/kit";

/** What a journal records about itself. */
export type ServiceRecordType =
  | "journal.open"
  | "journal.recovered"
  | "journal.close"
  | "journal.checkpoint"
  | "journal.rotated"
  | "journal.pruned"
  | "journal.degraded"
  | "journal.dropped"
  | "journal.late"
  | "journal.key"
  | "journal.crashed";

/** A record of the journal about itself. */
export function serviceRecord(
  origin: string,
  type: ServiceRecordType,
  data: NonNullable<AuditRecord["data"]>,
  attempt?: number,
): AuditRecord {
  return {
    type,
    outcome: "info",
    actor: { kind: "service", id: origin },
    data,
    ...(attempt === undefined ? {} : { attempt }),
  };
}
