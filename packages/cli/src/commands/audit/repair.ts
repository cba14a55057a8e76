import { repairJournal } from "@symbiont/audit";
import type { Answer, Task } from "../../program/task.ts";
import { ownJournal } from "./own-journal.ts";

/** `audit repair`: only of the configuration's journal, because what it does is recorded and signed. */
export async function repairJournalFolder(
  { config: file }: { readonly config: string },
  task: Task,
): Promise<Answer> {
  const { directory, options } = await ownJournal(file, task);
  const { records, tornBytes, quarantine, openAttempts } = await repairJournal(directory, options);
  return {
    data: { records, tornBytes, quarantine: quarantine ?? null, openAttempts: [...openAttempts] },
    lines: [
      tornBytes === 0
        ? ["ok", `${records} records, and nothing to repair`]
        : [
            "ok",
            `${records} records are whole; ${tornBytes} torn bytes are in ${quarantine ?? "quarantine"}`,
          ],
    ],
  };
}
