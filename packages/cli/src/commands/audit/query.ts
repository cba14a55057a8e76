import { type JournalRecordFilter, journalRecords, recordMatches } from "@symbiont/audit";
import { instantOf } from "../../program/instant.ts";
import type { Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { type JournalOptions, journalPlace } from "./journal-place.ts";
import { ProgressBar } from "./progress-bar.ts";
import { recordLine } from "./record-line.ts";

/** The options of `audit query`. */
export interface QueryOptions extends JournalOptions {
  readonly since?: string;
  readonly until?: string;
  readonly actor?: string;
  readonly type?: string;
  readonly outcome?: string;
  readonly action?: string;
  readonly resource?: string;
  readonly tool?: string;
  readonly decision?: string;
  readonly code?: string;
  readonly text?: string;
  readonly limit?: string;
}

/**
 * `audit query`: writes what matches as it is read. All of the journal is read even when nothing more is wanted: only at its
 * end is it known that what was shown is what was signed.
 */
export async function queryJournal(options: QueryOptions, task: Task, folder?: string): Promise<undefined> {
  const filter = filterOf(options, Date.now());
  const { limit } = options;
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit))
    throw new UsageError("--limit must be a whole number from 1");
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  const { directory, trusted, anchors } = await journalPlace(options, folder, task);
  const bar = new ProgressBar(task.terminal);
  const onProgress = (records: number, of: number): void => bar.show(records / of, `${records} records`);
  let found = 0;
  let read = 0;
  try {
    for await (const record of journalRecords(directory, { trusted, anchors, onProgress })) {
      task.signal.throwIfAborted();
      read += 1;
      if (!recordMatches(record, filter)) continue;
      found += 1;
      if (found > most) continue;
      bar.clear();
      await task.line(recordLine(record.record), record.record);
    }
  } finally {
    bar.clear();
  }
  if (task.json) return;
  const shown = found > most ? `, ${most} of them shown` : "";
  task.note(["note", `${found} of ${read} signed records match${shown}`]);
}

function filterOf(options: QueryOptions, now: number): JournalRecordFilter {
  const { since, until, actor, type, outcome, action, resource, tool, decision, code, text } = options;
  if (decision !== undefined && decision !== "allow" && decision !== "deny")
    throw new UsageError("--decision must be allow or deny");
  return {
    ...(since !== undefined && { fromMs: instantOf("--since", since, now) }),
    ...(until !== undefined && { untilMs: instantOf("--until", until, now) }),
    ...(actor !== undefined && { actor }),
    ...(type !== undefined && { type }),
    ...(outcome !== undefined && { outcome }),
    ...(action !== undefined && { action }),
    ...(resource !== undefined && { resource }),
    ...(tool !== undefined && { tool }),
    ...(decision !== undefined && { decision }),
    ...(code !== undefined && { code }),
    ...(text !== undefined && { text }),
  };
}
