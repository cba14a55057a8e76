import { journalRecords, toOcsfEvent, toOtelLogRecord } from "@symbiont/audit";
import type { Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { type JournalOptions, journalPlace } from "./journal-place.ts";

/** `audit export`: always one JSON document a line. */
export async function exportRecords(
  options: JournalOptions & { readonly format: string },
  task: Task,
  folder?: string,
): Promise<undefined> {
  const { format } = options;
  if (format !== "journal" && format !== "ocsf" && format !== "otel") {
    throw new UsageError("--format must be journal, ocsf or otel");
  }
  const { directory, trusted, anchors } = await journalPlace(options, folder, task);
  for await (const record of journalRecords(directory, { trusted, anchors })) {
    task.signal.throwIfAborted();
    if (format === "journal") await task.raw(`${record.line}\n`);
    else
      await task.raw(
        `${JSON.stringify(format === "ocsf" ? toOcsfEvent(record) : toOtelLogRecord(record))}\n`,
      );
  }
}
