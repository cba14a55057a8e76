import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type JournalOptions, repairJournal, verifyJournal } from "@symbiont/audit";
import { expect, test } from "vitest";
import { fill, key, openJournal, origin, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const options: JournalOptions = { origin, key, anchor: () => undefined };

async function closedJournal(folder: string): Promise<{ trusted: readonly string[]; newest: string }> {
  const journal = await openJournal(folder, { maxSegmentBytes: 2_000 });
  await journal.append(record("open", { outcome: "attempt" }));
  await fill(journal, 20);
  await journal.close();
  return {
    trusted: [journal.verifierKey],
    newest: join(folder, "seg", readdirSync(join(folder, "seg")).sort().at(-1) ?? ""),
  };
}

test("a torn tail is moved to quarantine, on record and signed", async () => {
  await withFolder(async (folder) => {
    const { trusted, newest } = await closedJournal(folder);
    const before = readRecords(folder).length;
    appendFileSync(newest, '{"half a record');
    const repair = await repairJournal(folder, options);
    expect(repair).toMatchObject({ records: before, tornBytes: 15, openAttempts: [1] });
    expect(readFileSync(repair.quarantine ?? "", "utf8")).toBe('{"half a record');
    expect(readRecords(folder)[before]).toMatchObject({
      type: "journal.recovered",
      data: { tornBytes: 15, openAttempts: [1] },
    });
    const report = await verifyJournal(folder, { trusted });
    expect(report).toMatchObject({ tornBytes: 0, signedRecords: report.records });
  });
});

test("a whole journal is left as it is", async () => {
  await withFolder(async (folder) => {
    const { newest } = await closedJournal(folder);
    const before = readFileSync(newest);
    const repair = await repairJournal(folder, options);
    expect(repair).toEqual({ records: readRecords(folder).length, tornBytes: 0, openAttempts: [1] });
    expect(readFileSync(newest)).toEqual(before);
  });
});

test("anything but a torn tail is refused, in any segment, and nothing is changed", async () => {
  await withFolder(async (folder) => {
    const { newest } = await closedJournal(folder);
    const first = join(folder, "seg", "0000000000000000.jsonl");
    appendFileSync(newest, '{"half a record');
    const text = readFileSync(first, "utf8");
    const torn = readFileSync(newest);
    for (const changed of [text.replace("a-1", "a-x"), text.slice(0, -3)]) {
      writeFileSync(first, changed);
      await expect(repairJournal(folder, options)).rejects.toThrow(refusal("AUDIT_CORRUPT"));
    }
    expect(readFileSync(newest)).toEqual(torn);
    expect(readdirSync(join(folder, "quarantine"))).toEqual([]);
  });
});

test("a journal that somebody writes is left to them", async () => {
  await withFolder(async (folder) => {
    const { newest } = await closedJournal(folder);
    const journal = await openJournal(folder);
    appendFileSync(newest, '{"half');
    await expect(repairJournal(folder, options)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
    await journal.close().catch(() => undefined);
  });
});
