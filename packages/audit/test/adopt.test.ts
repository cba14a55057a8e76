import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileAnchor, verifyJournal } from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import { expect, test } from "vitest";
import { FaultyFiles } from "../../../scripts/testing/faulty-files.ts";
import { fill, openJournal, openLog, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

test("a journal without its checkpoint is taken over when that is asked for, and it is on record", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder, { maxSegmentBytes: 2_000 });
    await journal.append(record("open", { outcome: "attempt" }));
    await fill(journal, 20);
    const anchor = await journal.checkpoint();
    await journal.close();
    rmSync(join(folder, "checkpoint"));
    await expect(openJournal(folder)).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
    const adopted = await openJournal(folder, { adopt: true, anchors: [anchor] });
    await adopted.append(record("after"));
    await adopted.close();
    const recovered = readRecords(folder).find(({ type }) => type === "journal.recovered");
    expect(recovered.data).toMatchObject({ adopted: true, openAttempts: [1] });
    await verifyJournal(folder, { trusted: [adopted.verifierKey], anchors: [anchor] });
    // The next opening is one as any other.
    await (await openJournal(folder)).close();
  });
});

test("a journal without its checkpoint goes on when its anchor has one, and that is on record", async () => {
  await withFolder(async (folder) => {
    const directory = join(folder, "journal");
    const anchor = fileAnchor(join(folder, "anchor"));
    const journal = await openJournal(directory, { anchor });
    await journal.append(record("a"));
    await journal.close();
    rmSync(join(directory, "checkpoint"));
    await expect(openJournal(directory)).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
    await (await openJournal(directory, { anchor })).close();
    expect(readRecords(directory).at(-2)).toMatchObject({
      type: "journal.recovered",
      data: { adopted: true },
    });
  });
});

test("everything of it is read, whatever its summaries say", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder, { maxSegmentBytes: 2_000 });
    await fill(journal, 20);
    await journal.close();
    rmSync(join(folder, "checkpoint"));
    const first = join(folder, "seg", "0000000000000000.jsonl");
    writeFileSync(first, readFileSync(first, "utf8").replace("a-1", "a-x"));
    await expect(openJournal(folder, { adopt: true })).rejects.toThrow(refusal("AUDIT_CORRUPT"));
  });
});

test("everything is read also when an older checkpoint is there", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder, { maxSegmentBytes: 2_000 });
    await fill(journal, 2);
    await journal.checkpoint();
    const older = readFileSync(join(folder, "checkpoint"));
    await fill(journal, 20);
    await journal.close();
    writeFileSync(join(folder, "checkpoint"), older);
    rmSync(join(folder, "checkpoints.log"));
    const second = join(
      folder,
      "seg",
      readdirSync(join(folder, "seg")).filter((name) => name.endsWith(".jsonl"))[1] ?? "",
    );
    const text = readFileSync(second, "utf8");
    const digit = text.search(/\d"}/);
    writeFileSync(second, `${text.slice(0, digit)}x${text.slice(digit + 1)}`);
    await expect(openJournal(folder, { adopt: true })).rejects.toThrow(refusal("AUDIT_CORRUPT"));
  });
});

test("it must agree with what was anchored", async () => {
  await withFolder(async (folder) => {
    const journal = await openJournal(folder);
    await fill(journal, 5);
    const anchor = await journal.checkpoint();
    await journal.close();
    rmSync(join(folder, "checkpoint"));
    const [segment = ""] = readdirSync(join(folder, "seg"));
    const path = join(folder, "seg", segment);
    truncateSync(path, readFileSync(path, "utf8").indexOf("\n") + 1);
    await expect(openJournal(folder, { adopt: true, anchors: [anchor] })).rejects.toThrow(
      refusal("AUDIT_ROLLBACK"),
    );
  });
});

test("a log does not take over again by itself", async () => {
  await withFolder(async (folder) => {
    const files = new FaultyFiles();
    const log = await openLog(folder, { adopt: true, fileSystem: files, reopenDelayMs: 3_600_000 });
    await log.append(record("a"));
    files.syncError = "EIO";
    await expect(log.append(record("b"))).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
    files.syncError = undefined;
    rmSync(join(folder, "checkpoint"));
    await expect(log.reopen()).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
    await log.close().catch(() => undefined);
  });
});

test("a journal of another host goes on under another key, with the old one among the trusted", async () => {
  await withFolder(async (folder) => {
    const there = join(folder, "there");
    const here = join(folder, "here");
    const journal = await openJournal(there);
    await journal.append(record("there"));
    await journal.close();
    mkdirSync(here, { mode: 0o700 });
    cpSync(there, here, { recursive: true, preserveTimestamps: true });
    const { privateKey: key } = generateKeyPair("Ed25519");
    await expect(openJournal(here, { key })).rejects.toThrow(refusal("AUDIT_NOTE_UNTRUSTED"));
    const taken = await openJournal(here, { key, trusted: [journal.verifierKey] });
    await taken.append(record("here"));
    await taken.close();
    await verifyJournal(here, { trusted: [taken.verifierKey] });
  });
});
