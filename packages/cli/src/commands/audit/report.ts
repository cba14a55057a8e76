import { createHash } from "node:crypto";
import { inspectJournal, journalRecords } from "@symbiont/audit";
import { encodeHex, type JsonObject } from "@symbiont/kit";
import type { Answer, Task } from "../../program/task.ts";
import { writePublic } from "../../program/write-file.ts";
import { type JournalOptions, type JournalPlace, journalPlace } from "./journal-place.ts";
import { ProgressBar } from "./progress-bar.ts";
import { buildPage } from "./report-page.ts";
import { ReportTable } from "./report-table.ts";
import { viewerFiles } from "./viewer-files.ts";

/** `audit report`: the journal is verified first, and the page says what came of it. */
export async function reportJournal(
  options: JournalOptions & { readonly out: string; readonly title?: string },
  task: Task,
  folder?: string,
): Promise<Answer> {
  const { out, title = "Audit report" } = options;
  const place = await journalPlace(options, folder, task);
  const bar = new ProgressBar(task.terminal);
  const status = await verify(place, bar);
  const table = new ReportTable();
  if (status["ok"] === true) {
    for await (const { record } of journalRecords(place.directory, place)) {
      task.signal.throwIfAborted();
      table.add(record);
    }
  }
  bar.clear();
  const { style, script } = await viewerFiles();
  const page = buildPage({
    title,
    style,
    script,
    data: { title, status, ...table.columns() },
    hash: (text) => createHash("sha256").update(text).digest("base64"),
  });
  await writePublic(out, page);
  const ok = status["ok"] === true;
  return {
    data: { out, records: table.size, bytes: Buffer.byteLength(page), verified: ok },
    lines: [
      ["ok", `${out}: ${table.size} records`],
      ok
        ? ["ok", "the journal is verified"]
        : ["bad", `the journal does not verify: ${JSON.stringify(status["code"])}`],
    ],
    no: !ok,
  };
}

/** What the page says about the chain and its checkpoints. */
async function verify({ directory, trusted, anchors }: JournalPlace, bar: ProgressBar): Promise<JsonObject> {
  const inspection = await inspectJournal(directory, {
    trusted,
    anchors,
    onProgress: ({ bytes, totalBytes, records }) => bar.show(bytes / totalBytes, `${records} records`),
  });
  const checked = new Date().toISOString();
  if (!inspection.ok) {
    const { code, message, record } = inspection.fault;
    return { ok: false, checked, code, message, record: record ?? null };
  }
  const { origin, records, signedRecords, root, openAttempts, prunedRecords, late } = inspection.report;
  return {
    ok: true,
    checked,
    origin,
    records,
    signedRecords,
    root: encodeHex(root),
    anchors: anchors.length,
    open: openAttempts.slice(0, 10_000),
    prunedRecords,
    late,
  };
}
