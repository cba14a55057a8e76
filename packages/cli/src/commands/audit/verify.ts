import { inspectJournal, type VerifyProgress } from "@symbiont/audit";
import { encodeHex, type JsonValue } from "@symbiont/kit";
import type { Answer, Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";
import { type JournalOptions, journalPlace } from "./journal-place.ts";
import { ProgressBar } from "./progress-bar.ts";
import { verifyArchivedSegment } from "./verify-segment.ts";

/** `audit verify`. */
export async function verifyJournalFolder(
  options: JournalOptions & { readonly workers: string; readonly segment?: string },
  task: Task,
  folder?: string,
): Promise<Answer> {
  if (!/^\d{1,2}$/.test(options.workers)) throw new UsageError("--workers must be from 0 to 99");
  const place = await journalPlace(options, folder, task);
  if (options.segment !== undefined) return verifyArchivedSegment(options.segment, place);
  const { directory, trusted, anchors } = place;
  const bar = new ProgressBar(task.terminal);
  const inspection = await inspectJournal(directory, {
    trusted,
    anchors,
    workers: Number(options.workers),
    onProgress: ({ records, bytes, totalBytes }: VerifyProgress) =>
      bar.show(bytes / totalBytes, `${records} records`),
  });
  bar.clear();
  if (!inspection.ok) {
    const { code, message, record, segment, offset } = inspection.fault;
    const place = [
      record !== undefined && `record ${record}`,
      segment,
      offset !== undefined && `byte ${offset}`,
    ];
    return {
      data: { ok: false, fault: inspection.fault as unknown as JsonValue },
      lines: [
        ["bad", `${code}: ${message}`],
        ["note", place.filter((part) => part !== false && part !== undefined).join(", ")],
      ],
      no: true,
    };
  }
  const {
    origin,
    records,
    root,
    signedRecords,
    checkpointedRecords,
    openAttempts,
    prunedRecords,
    late,
    firstTs,
    lastTs,
  } = inspection.report;
  const facts = {
    origin,
    records,
    signedRecords,
    prunedRecords,
    late,
    firstTs: firstTs ?? null,
    lastTs: lastTs ?? null,
  };
  return {
    data: { ok: true, ...facts, root: encodeHex(root), openAttempts: [...openAttempts] },
    lines: [
      ["ok", `${origin}: ${records} records, ${signedRecords} of them signed`],
      ["note", `from ${firstTs ?? "-"} to ${lastTs ?? "-"}`],
      ["note", `root ${encodeHex(root)}`],
      ...(records > signedRecords
        ? [["warn", `${records - signedRecords} records are newer than the last checkpoint`] as const]
        : []),
      ...(openAttempts.length > 0
        ? [
            [
              "warn",
              `${openAttempts.length} attempts have no outcome: ${openAttempts.slice(0, 10).join(", ")}`,
            ] as const,
          ]
        : []),
      ...(checkpointedRecords > signedRecords
        ? [["warn", `the journal's own checkpoint over ${checkpointedRecords} records is gone`] as const]
        : []),
      ...(prunedRecords > 0 ? [["note", `${prunedRecords} records were pruned, on record`] as const] : []),
    ],
  };
}
