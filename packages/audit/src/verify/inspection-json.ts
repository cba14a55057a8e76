import { encodeHex, type JsonObject } from "@symbiont/kit";
import { incompleteness } from "./journal-report.ts";
import type { JournalInspection } from "./verify-journal.ts";

/** An inspection as JSON: `{ok: true, incomplete, report}` or `{ok: false, fault}`. */
export type InspectionJson = JsonObject & { readonly ok: boolean };

/** An inspection for a machine: plain JSON, hashes in hexadecimal; `report.state` is what a later one resumes from. */
export function inspectionJson(inspection: JournalInspection): InspectionJson {
  if (!inspection.ok) return { ok: false, fault: { ...inspection.fault } };
  const { root, ...report } = inspection.report;
  const plain = JSON.parse(JSON.stringify(report)) as JsonObject; // our own data
  return {
    ok: true,
    incomplete: incompleteness(inspection.report),
    report: { ...plain, root: encodeHex(root) },
  };
}
