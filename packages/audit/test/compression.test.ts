import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  inspectJournal,
  JournalProofs,
  type JournalRecord,
  journalRecords,
  parseVerifierKey,
  verifyJournal,
  verifyTlogProof,
} from "@symbiont/audit";
import { describe, expect, test } from "vitest";
import { fill, openJournal, openLog, origin, record, refusal } from "./journal-fixtures.ts";
import { withFolder } from "./temporary-folder.ts";

const small = { maxSegmentBytes: 2_000 };
const segments = (folder: string): string[] => readdirSync(join(folder, "seg")).sort();

async function recordsOf(folder: string, trusted: readonly string[], from = 0): Promise<JournalRecord[]> {
  const all: JournalRecord[] = [];
  for await (const one of journalRecords(folder, { trusted, from })) all.push(one);
  return all;
}

/** A closed journal of several segments, and what is in it. */
async function closedJournal(
  folder: string,
): Promise<{ readonly trusted: readonly string[]; readonly lines: readonly string[] }> {
  const journal = await openJournal(folder, small);
  await fill(journal, 40);
  await journal.close();
  const trusted = [journal.verifierKey];
  return { trusted, lines: (await recordsOf(folder, trusted)).map(({ line }) => line) };
}

async function compress(folder: string): Promise<void> {
  const journal = await openJournal(folder, small);
  await journal.compress();
  await journal.close();
}

describe("closed segments that are compressed", () => {
  test("read, verify, resume, prove and go on as plain ones do", async () => {
    await withFolder(async (folder) => {
      const { trusted, lines } = await closedJournal(folder);
      const before = await verifyJournal(folder, { trusted });
      const journal = await openJournal(folder, small);
      const plain = segments(folder);
      const compressed = await journal.compress();
      expect(compressed.map(({ path }) => path)).toEqual(
        plain.slice(0, -1).map((name) => join(folder, "seg", `${name}.gz`)),
      );
      for (const { bytes, plainBytes } of compressed) expect(bytes).toBeLessThan(plainBytes);
      expect(await journal.compress()).toEqual([]);
      await fill(journal, 20);
      await journal.close();
      expect(segments(folder).filter((name) => name.endsWith(".gz"))).toHaveLength(plain.length - 1);
      const all = await recordsOf(folder, trusted);
      expect(all.slice(0, lines.length).map(({ line }) => line)).toEqual(lines);
      expect((await recordsOf(folder, trusted, 7))[0]).toEqual(all[7]);
      const report = await verifyJournal(folder, { trusted, gapMs: 1 });
      expect(report).toMatchObject({ records: all.length, openAttempts: [] });
      expect((await verifyJournal(folder, { trusted, resumeFrom: before.state })).root).toEqual(report.root);
      const proofs = await JournalProofs.open(folder, { trusted });
      const { leaf = "" } = all[3] ?? {};
      const proof = proofs.tlogProof(3);
      expect(Buffer.from(proofs.leaf(3)).toString("hex")).toBe(leaf);
      const trust = { origin, trusted: trusted.map(parseVerifierKey) };
      expect(verifyTlogProof(proof, proofs.leaf(3), trust)).toMatchObject({ index: 3 });
      await (await openJournal(folder)).close();
    });
  });

  test("are compressed as they are closed, when that is asked for", async () => {
    await withFolder(async (folder) => {
      const log = await openLog(folder, { ...small, compressSegments: true });
      await fill(log, 40);
      await log.close();
      const names = segments(folder);
      expect(names.slice(0, -1).every((name) => name.endsWith(".gz"))).toBe(true);
      expect(names.at(-1)).toMatch(/jsonl$/);
      expect(names.length).toBeGreaterThan(4);
      expect(statSync(join(folder, "seg", names[0] ?? "")).mode & 0o077).toBe(0);
      await verifyJournal(folder, { trusted: [log.verifierKey] });
    });
  });

  test("keep their age, and go with retention", async () => {
    await withFolder(async (folder) => {
      await closedJournal(folder);
      const first = join(folder, "seg", segments(folder)[0] ?? "");
      const { mtimeMs } = statSync(first);
      await compress(folder);
      expect(statSync(`${first}.gz`).mtimeMs).toBeCloseTo(mtimeMs, -1);
      const journal = await openJournal(folder, small);
      const pruned = await journal.prune({ maxTotalBytes: 0 });
      expect(pruned[0]?.path).toBe(`${first}.gz`);
      await journal.close();
      expect(segments(folder)).not.toContain("0000000000000000.jsonl.gz");
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    });
  });

  test("while another process follows, it loses nothing", async () => {
    await withFolder(async (folder) => {
      const { trusted, lines } = await closedJournal(folder);
      const reading = journalRecords(folder, { trusted });
      const read = [(await reading.next()).value?.line];
      await compress(folder);
      for await (const { line } of reading) read.push(line);
      expect(read).toEqual(lines);
    });
  });
});

describe("a crash while a segment is compressed", () => {
  test.each([
    [
      "before the compressed form is whole",
      (folder: string) => writeFileSync(join(folder, "compressing"), "half"),
    ],
    [
      "before the plain form is gone",
      (folder: string) => {
        const plain = join(folder, "seg", "0000000000000000.jsonl");
        writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)), { mode: 0o600 });
      },
    ],
  ])("%s leaves one whole form, and the next time ends it", async (_, crash) => {
    await withFolder(async (folder) => {
      const { trusted, lines } = await closedJournal(folder);
      crash(folder);
      const unchanged = await recordsOf(folder, trusted);
      expect(unchanged.map(({ line }) => line)).toEqual(lines);
      await verifyJournal(folder, { trusted });
      await compress(folder);
      expect(readdirSync(folder)).not.toContain("compressing");
      expect(segments(folder)).toContain("0000000000000000.jsonl.gz");
      expect(segments(folder)).not.toContain("0000000000000000.jsonl");
      await verifyJournal(folder, { trusted });
    });
  });
});

describe("whoever can write the folder", () => {
  const compressed = async (folder: string): Promise<{ trusted: readonly string[]; file: string }> => {
    const { trusted } = await closedJournal(folder);
    await compress(folder);
    return { trusted, file: join(folder, "seg", "0000000000000000.jsonl.gz") };
  };

  test("cannot change a record in a compressed segment", async () => {
    await withFolder(async (folder) => {
      const { trusted, file } = await compressed(folder);
      const text = gunzipSync(readFileSync(file)).toString();
      writeFileSync(file, gzipSync(text.replace("a-1", "a-x")));
      const fault = { code: "AUDIT_CORRUPT", segment: "0000000000000000.jsonl.gz", record: 3 };
      expect(await inspectJournal(folder, { trusted })).toMatchObject({ ok: false, fault });
    });
  });

  test.each([
    ["cut short", (bytes: Buffer) => bytes.subarray(0, -9)],
    ["not gzip", () => Buffer.from("{}\n")],
    ["of another segment", (bytes: Buffer) => gzipSync(gunzipSync(bytes).subarray(400))],
  ])("cannot put one in its place that is %s", async (_, change) => {
    await withFolder(async (folder) => {
      const { trusted, file } = await compressed(folder);
      writeFileSync(file, change(readFileSync(file)));
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_CORRUPT"));

      await expect(recordsOf(folder, trusted)).rejects.toThrow(refusal("AUDIT_CORRUPT"));
    });
  });

  test("cannot have a changed segment compressed in the place of the one that was signed", async () => {
    await withFolder(async (folder) => {
      await closedJournal(folder);
      const plain = join(folder, "seg", "0000000000000000.jsonl");
      const changed = readFileSync(plain, "utf8").replace("a-1", "a-x");
      writeFileSync(plain, changed);
      const journal = await openJournal(folder, small);
      await expect(journal.compress()).rejects.toThrow(refusal("AUDIT_CORRUPT"));
      await journal.close();
      expect(readFileSync(plain, "utf8")).toBe(changed);
      expect(readdirSync(folder)).not.toContain("compressing");
    });
  });

  test("who compresses the newest one changes nothing: the journal goes on in another", async () => {
    await withFolder(async (folder) => {
      const { trusted, lines } = await closedJournal(folder);
      const newest = join(folder, "seg", segments(folder).at(-1) ?? "");
      copyFileSync(newest, `${newest}.copy`);
      writeFileSync(`${newest}.gz`, gzipSync(readFileSync(`${newest}.copy`)), { mode: 0o600 });
      rmSync(newest);
      rmSync(`${newest}.copy`);
      const journal = await openJournal(folder, small);
      await journal.append(record("after"));
      await journal.close();
      expect((await recordsOf(folder, trusted)).length).toBe(lines.length + 3);
    });
  });
});
