import { setTimeout as sleep } from "node:timers/promises";
import { JournalProofs, journalRecords } from "@symbiont/audit";
import type { Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { type JournalOptions, journalPlace } from "./journal-place.ts";
import { recordLine } from "./record-line.ts";

const POLL_MS = 1_000;

/** `audit tail`: what is signed, the newest last. */
export async function tailJournal(
  options: JournalOptions & { readonly lines: string; readonly follow?: boolean },
  task: Task,
  folder?: string,
): Promise<undefined> {
  if (!/^\d{1,7}$/.test(options.lines)) throw new UsageError("--lines must be a whole number");
  const place = await journalPlace(options, folder, task);
  const { directory, trusted, anchors } = place;
  const { size } = await JournalProofs.open(directory, { trusted });
  let from = Math.max(0, size - Number(options.lines));
  for (;;) {
    for await (const { record, sequence } of journalRecords(directory, { trusted, anchors, from })) {
      await task.line(recordLine(record), record);
      from = sequence + 1;
    }
    if (options.follow !== true || task.signal.aborted) return;
    await sleep(POLL_MS, undefined, { signal: task.signal }).catch(() => undefined);
    if (task.signal.aborted) return;
  }
}
