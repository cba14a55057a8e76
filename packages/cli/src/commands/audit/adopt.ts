import {
  formatVerifierKey,
  incompleteness,
  inspectJournal,
  Journal,
  type JournalInspection,
  verifierKey,
} from "@symbiont/audit";
import type { JsonValue } from "@symbiont/kit";
import type { Answer, Task } from "../../program/task.ts";
import { ownJournal } from "./own-journal.ts";

/** `audit adopt`: only of the configuration's journal, because it is recorded and signed. */
export async function adoptJournal(
  { config: file }: { readonly config: string },
  task: Task,
): Promise<Answer> {
  const { directory, options } = await ownJournal(file, task);
  const trusted = [formatVerifierKey(verifierKey(options.origin, options.key.publicKey))];
  const before = await inspectJournal(directory, { trusted });
  if (!isOrphan(before)) return refusal(before);
  // All of it is read, and the anchor is asked.
  const journal = await Journal.open(directory, { ...options, adopt: true });
  await journal.close();
  const { size } = journal;
  return {
    data: { ok: true, adopted: true, records: size },
    lines: [["ok", `${options.origin}: ${size} records, under a new checkpoint; the adoption is on record`]],
  };
}

/** Whether its own newest checkpoint is what it lacks. */
function isOrphan(inspection: JournalInspection): boolean {
  return inspection.ok
    ? incompleteness(inspection.report).includes("old-checkpoint")
    : inspection.fault.code === "AUDIT_ROLLBACK";
}

function refusal(inspection: JournalInspection): Answer {
  if (inspection.ok)
    return {
      data: { ok: true, adopted: false, records: inspection.report.records },
      lines: [["ok", "the journal has its checkpoint: there is nothing to adopt"]],
    };
  const { code, message } = inspection.fault;
  return {
    data: { ok: false, fault: inspection.fault as unknown as JsonValue },
    lines: [["bad", `${code}: ${message}`]],
    no: true,
  };
}
