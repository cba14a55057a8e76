import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  incompleteness,
  inspectionExitCode,
  inspectJournal,
  parseVerifierKey,
  verifyCheckpoint,
  verifyJournal,
} from "@symbiont/audit";
import { expect, test } from "vitest";
import { CheckpointLog } from "../src/journal/checkpoint-log.ts";
import { fill, openJournal, origin, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const linesOf = (folder: string): string[] =>
  readFileSync(join(folder, "checkpoints.log"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as string);

test("every checkpoint is listed, and recorded in front of the next record", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder);
    await journal.append(record("a"));
    const first = await journal.checkpoint();
    await journal.checkpoint();
    expect(readRecords(folder)).toHaveLength(2);
    await journal.append(record("b"));
    await journal.close();
    const trusted = [parseVerifierKey(journal.verifierKey)];
    const { root } = verifyCheckpoint(first, origin, trusted);
    const echo = readRecords(folder).filter(({ type }) => type === "journal.checkpoint");
    expect(echo.map(({ seq, data }) => ({ seq, ...data }))).toEqual([
      { seq: 2, size: 2, root: Buffer.from(root).toString("base64") },
    ]);
    const sizes = linesOf(folder).map((note) => verifyCheckpoint(note, origin, trusted).size);
    expect(sizes).toEqual([0, 1, 2, 2, 5]);
    expect(statSync(join(folder, "checkpoints.log")).mode & 0o077).toBe(0);
    const report = await verifyJournal(folder, { trusted: [journal.verifierKey] });
    expect(report).toMatchObject({ signedRecords: 5, checkpointedRecords: 2 });
  });
});

test("an older checkpoint in the place of the newest shows in the list, and a shortened list in the lines", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder);
    await journal.append(record("a"));
    const older = await journal.checkpoint();
    await fill(journal, 5);
    await journal.checkpoint();
    await journal.append(record("b"));
    await journal.close();
    const options = { trusted: [journal.verifierKey] };
    const whole = readRecords(folder);
    writeFileSync(join(folder, "checkpoint"), older);
    // The list still has the newest one: nothing is lost yet, and a cut tail is noticed.
    expect(incompleteness(await verifyJournal(folder, options))).toEqual([]);
    const segment = join(folder, "seg", "0000000000000000.jsonl");
    const text = readFileSync(segment, "utf8");
    truncateSync(segment, text.indexOf("\n", text.indexOf("a-2")) + 1);
    await expect(verifyJournal(folder, options)).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
    await expect(openJournal(folder)).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
    writeFileSync(segment, text);
    rmSync(join(folder, "checkpoints.log"));
    const inspection = await inspectJournal(folder, options);
    expect(inspection).toMatchObject({ ok: true, report: { signedRecords: 2, checkpointedRecords: 8 } });
    expect(inspectionExitCode(inspection, { allowed: ["unsigned-tail"] })).toBe(3);
    expect(inspectionExitCode(inspection, { allowed: ["unsigned-tail", "old-checkpoint"] })).toBe(0);
    await expect(openJournal(folder)).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
    await (await openJournal(folder, { adopt: true })).close();
    expect(readRecords(folder)[whole.length]).toMatchObject({
      type: "journal.recovered",
      data: { adopted: true },
    });
  });
});

test("a journal taken over without its checkpoint must agree with the list", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder);
    await fill(journal, 5);
    await journal.close();
    rmSync(join(folder, "checkpoint"));
    const segment = join(folder, "seg", "0000000000000000.jsonl");
    truncateSync(segment, readFileSync(segment, "utf8").indexOf("\n") + 1);
    await expect(openJournal(folder, { adopt: true })).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
  });
});

test("a list that a crash tore is gone on with", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder);
    await journal.close();
    appendFileSync(join(folder, "checkpoints.log"), '"example.org/agent/aud');
    const again = await openJournal(folder);
    await again.close();
    expect(linesOf(folder)).toHaveLength(5);
    await verifyJournal(folder, { trusted: [journal.verifierKey] });
  });
});

test("the list is bounded: its older half goes, the newest stays", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "checkpoints.log");
    const log = new CheckpointLog(path, 1_000);
    expect(log.newest()).toBeUndefined();
    for (let size = 0; size < 200; size += 1) {
      await log.append(`note ${size}\n`);
      expect(log.newest()).toBe(`note ${size}\n`);
      expect(statSync(path).size).toBeLessThanOrEqual(1_000);
    }
    const kept = linesOf(folder);
    expect(kept.length).toBeGreaterThan(20);
    expect(kept).toEqual(kept.map((_, index) => `note ${200 - kept.length + index}\n`));
    writeFileSync(path, "");
    expect(log.newest()).toBeUndefined();
    expect(existsSync(path)).toBe(true);
  });
});

test("the record of a checkpoint takes no later time than those that waited while it was signed", async () => {
  await withFolder(async (folder) => {
    let now = 1_000;
    const clock = { now: () => (now += 1) };
    const journal = await openJournal(folder, { checkpointEvery: 1, clock });
    const appends = Array.from({ length: 5_000 }, async (_, index) => journal.append(record(`a-${index}`)));
    await Promise.all([...appends, journal.checkpoint()]);
    await journal.close();
    const records = readRecords(folder);
    expect(records.filter(({ type }) => type === "journal.checkpoint").length).toBeGreaterThan(0);
    expect(records.filter(({ data }) => data?.clock === "clamped")).toEqual([]);
  });
});
