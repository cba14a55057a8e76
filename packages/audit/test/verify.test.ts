import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  inspectJournal,
  leafHash,
  parseVerifierKey,
  type VerifyProgress,
  verifyEntrySignature,
  verifyJournal,
} from "@symbiont/audit";
import { canonicalJson, encodeUtf8 } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { FaultyFiles } from "../../../scripts/testing/faulty-files.ts";
import { runChild } from "../../../scripts/testing/run-child.ts";
import { fill, openJournal, openLog, origin, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const segmentsOf = (folder: string): string[] => readdirSync(join(folder, "seg")).sort();

async function journalOfSegments(folder: string): Promise<string> {
  const journal = await openJournal(folder, { maxSegmentBytes: 3_000 });
  const { sequence } = await journal.append(record("settled later", { outcome: "attempt" }));
  await journal.append(record("never settled", { outcome: "attempt" }));
  await fill(journal, 40);
  await journal.append(record("settled later", { outcome: "success", attempt: sequence }));
  await fill(journal, 10);
  await journal.close();
  return journal.verifierKey;
}

describe("an inspection", () => {
  test("tells the kind and the exact place of the first fault", async () => {
    await withFolder(async (folder) => {
      const key = await journalOfSegments(folder);
      const [, , segment = ""] = segmentsOf(folder);
      const path = join(folder, "seg", segment);
      const original = readFileSync(path, "utf8");
      const lines = original.split("\n");
      const offset = (lines[0]?.length ?? 0) + (lines[1]?.length ?? 0) + 2;
      lines[2] = lines[2]?.replace('"info"', '"denied"') ?? "";
      lines[4] = "not JSON";
      writeFileSync(path, lines.join("\n"));
      // The edited line is well-formed: it shows where the next one is not chained to it.
      const next = offset + (lines[2]?.length ?? 0) + 1;
      const first = Number(segment.slice(0, 16));
      expect(await inspectJournal(folder, { trusted: [key] })).toEqual({
        ok: false,
        fault: {
          code: "AUDIT_CORRUPT",
          message: expect.stringContaining(`record ${first + 3} is corrupt`) as string,
          record: first + 3,
          segment,
          offset: next,
        },
      });
      lines[2] = "x".repeat(70_000);
      writeFileSync(path, lines.join("\n"));
      const inspection = await inspectJournal(folder, { trusted: [key] });
      expect(inspection).toMatchObject({ ok: false, fault: { record: first + 2, segment, offset } });
    });
  });

  test("of a sound journal is its report", async () => {
    await withFolder(async (folder) => {
      const key = await journalOfSegments(folder);
      const records = readRecords(folder);
      expect(await inspectJournal(folder, { trusted: [key] })).toMatchObject({
        ok: true,
        report: {
          records: records.length,
          signedRecords: records.length,
          openAttempts: [2],
          prunedRecords: 0,
          dropped: {},
          late: 0,
          firstTs: records[0].ts,
          lastTs: records.at(-1).ts,
        },
      });
      expect(await inspectJournal(join(folder, "none"), { trusted: [key] })).toMatchObject({
        ok: false,
        fault: { code: "AUDIT_NOT_FOUND" },
      });
    });
  });

  test("counts what was dropped and what was late", async () => {
    await withFolder(async (folder) => {
      const files = new FaultyFiles();
      const more = { failureMode: "permissive", maxSpooled: 1, reopenDelayMs: 3_600_000 } as const;
      const log = await openLog(folder, { ...more, fileSystem: files });
      files.syncError = "EIO";
      await log.append(record("a"));
      await expect.poll(() => log.degraded).toBeDefined();
      await log.append(record("b"));
      files.syncError = undefined;
      await log.reopen();
      await log.close();
      const report = await verifyJournal(folder, { trusted: [log.verifierKey] });
      expect(report.dropped).toEqual({ "tool.call": 1 });
    });
  });

  test("tells how far it is", async () => {
    await withFolder(async (folder) => {
      const key = await journalOfSegments(folder);
      const told: VerifyProgress[] = [];
      const report = await verifyJournal(folder, {
        trusted: [key],
        onProgress: (step) => void told.push(step),
      });
      const last = told.at(-1);
      expect(last?.records).toBe(report.records);
      expect(last?.bytes).toBe(last?.totalBytes);
    });
  });
});

describe("a verification that goes on where another ended", () => {
  test("reads only what came since, in the segment where it ended and after it", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { maxSegmentBytes: 3_000 });
      await fill(journal, 20);
      await journal.checkpoint();
      const trusted = [journal.verifierKey];
      const { state } = await verifyJournal(folder, { trusted });
      await fill(journal, 20);
      await journal.close();
      const whole = await verifyJournal(folder, { trusted });
      let read = 0;
      const onProgress = ({ records }: VerifyProgress): void => void (read = records);
      const rest = await verifyJournal(folder, { trusted, resumeFrom: state, onProgress });
      expect(rest.root).toEqual(whole.root);
      expect(rest.records).toBe(whole.records);
      writeFileSync(join(folder, "seg", segmentsOf(folder)[0] as string), "gone\n");
      await verifyJournal(folder, { trusted, resumeFrom: state, onProgress });
      expect(read).toBeLessThan(whole.records);
    });
  });

  test("notices that what it saw is not there any more, or not as it was", async () => {
    await withFolder(async (folder) => {
      const key = await journalOfSegments(folder);
      const { state } = await verifyJournal(folder, { trusted: [key] });
      const longer = { ...state, size: state.size + 4_096, roots: [...state.roots] };
      await expect(verifyJournal(folder, { trusted: [key], resumeFrom: longer })).rejects.toThrow(
        refusal("AUDIT_ROLLBACK"),
      );
      const other = { ...state, roots: state.roots.map(() => "0".repeat(64)) };
      await expect(verifyJournal(folder, { trusted: [key], resumeFrom: other })).rejects.toThrow(
        refusal("AUDIT_FORKED"),
      );
    });
  });
});

describe("several threads", () => {
  async function inChild(folder: string, key: string): Promise<{ alone: any; together: any; told: number }> {
    return (await runChild("audit", "verify-with-workers.ts", { args: [folder, key] })) as never;
  }

  test("find what one finds", async () => {
    await withFolder(async (folder) => {
      const key = await journalOfSegments(folder);
      const { alone, together, told } = await inChild(folder, key);
      expect(alone.ok).toBe(true);
      expect(together).toEqual(alone);
      expect(together.report.openAttempts).toEqual([2]);
      expect(told).toBeGreaterThan(0);
    });
  });

  test("know of an attempt from long ago whose outcome is in the segment that is not closed", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { maxSegmentBytes: 4_096 });
      const { sequence: attempt } = await journal.append(record("early", { outcome: "attempt" }));
      const { sequence: open } = await journal.append(record("open", { outcome: "attempt" }));
      await fill(journal, 60);
      await journal.append(record("early", { outcome: "success", attempt }));
      const { sequence: late } = await journal.append(record("late", { outcome: "attempt" }));
      await journal.close();
      expect(readFileSync(join(folder, "seg", segmentsOf(folder).at(-1) as string), "utf8")).toContain(
        '"early"',
      );
      const { alone, together } = await inChild(folder, journal.verifierKey);
      expect(together).toEqual(alone);
      expect(together.report.openAttempts).toEqual([open, late]);
      expect(together.report.state.openAttempts).toEqual([open, late]);
    });
  });

  test("find the same fault in the same place, whichever segment it is in", async () => {
    await withFolder(async (folder) => {
      const key = await journalOfSegments(folder);
      for (const segment of segmentsOf(folder)) {
        const path = join(folder, "seg", segment);
        const original = readFileSync(path, "utf8");
        writeFileSync(path, original.replace('"v":1}', '"v":2}'));
        const { alone, together } = await inChild(folder, key);
        expect(alone).toMatchObject({ ok: false, fault: { code: "AUDIT_CORRUPT", segment } });
        expect(together).toEqual(alone);
        writeFileSync(path, original);
      }
    });
  }, 180_000);

  test("read compressed segments, and find a fault in one", async () => {
    await withFolder(async (folder) => {
      const key = await journalOfSegments(folder);
      const journal = await openJournal(folder);
      expect((await journal.compress()).length).toBeGreaterThan(1);
      await journal.close();
      const { alone, together } = await inChild(folder, key);
      expect(together).toEqual(alone);
      expect(alone.ok).toBe(true);
      const path = join(folder, "seg", segmentsOf(folder)[1] as string);
      writeFileSync(path, gzipSync(gunzipSync(readFileSync(path)).toString().replace('"v":1}', '"v":2}')));
      const { alone: fault, together: same } = await inChild(folder, key);
      expect(fault).toMatchObject({ ok: false, fault: { code: "AUDIT_CORRUPT" } });
      expect(same).toEqual(fault);
    });
  }, 180_000);

  test("do not believe a summary that its segment contradicts", async () => {
    await withFolder(async (folder) => {
      const key = await journalOfSegments(folder);
      const path = join(folder, "sum", readdirSync(join(folder, "sum")).sort()[1] as string);
      const summary = JSON.parse(readFileSync(path, "utf8")) as { ts: string };
      writeFileSync(path, canonicalJson({ ...summary, ts: "2020-01-01T00:00:00.000Z" }));
      const { together } = await inChild(folder, key);
      expect(together).toMatchObject({ ok: false, fault: { code: "AUDIT_CORRUPT" } });
    });
  });
});

describe("signatures of every record", () => {
  const signatures = (folder: string): Map<number, string> =>
    new Map(
      readdirSync(join(folder, "sig"))
        .sort()
        .flatMap((name) =>
          readFileSync(join(folder, "sig", name), "utf8")
            .split("\n")
            .filter(Boolean),
        )
        .map((line) => [Number(line.split(" ")[0]), line.split(" ")[1] ?? ""]),
    );

  function expectSigned(folder: string, key: string): void {
    const signed = signatures(folder);
    const records = readRecords(folder);
    expect(signed.size).toBe(records.length);
    for (const [sequence, entry] of records.entries()) {
      const leaf = leafHash(encodeUtf8(canonicalJson(entry)));
      verifyEntrySignature(signed.get(sequence) ?? "", { origin, sequence, leaf }, [parseVerifierKey(key)]);
    }
  }

  test("are kept beside each segment, and made again for what a crash took away", async () => {
    await withFolder(async (folder) => {
      const more = { signEntries: true, maxSegmentBytes: 3_000 };
      const journal = await openJournal(folder, more);
      await fill(journal, 25);
      await journal.close();
      expectSigned(folder, journal.verifierKey);
      const last = join(folder, "sig", readdirSync(join(folder, "sig")).sort().at(-1) as string);
      for (const harm of [
        () => rmSync(last),
        () => writeFileSync(last, "torn"),
        () => appendFileSync(last, "9 x"),
      ]) {
        harm();
        await (await openJournal(folder, { signEntries: true })).close();
        expectSigned(folder, journal.verifierKey);
      }
    });
  });

  test("are refused for another record, another journal, another key, and no base64", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { signEntries: true });
      await journal.close();
      const trusted = [parseVerifierKey(journal.verifierKey)];
      const signature = signatures(folder).get(0) ?? "";
      const leaf = leafHash(encodeUtf8(canonicalJson(readRecords(folder)[0])));
      const entry = { origin, sequence: 0, leaf };
      verifyEntrySignature(signature, entry, trusted);
      for (const other of [
        { ...entry, sequence: 1 },
        { ...entry, origin: "other" },
        { ...entry, leaf: new Uint8Array(32) },
      ])
        expect(() => verifyEntrySignature(signature, other, trusted)).toThrow(
          refusal("AUDIT_NOTE_UNTRUSTED"),
        );
      expect(() => verifyEntrySignature(signature, entry, [])).toThrow(refusal("AUDIT_NOTE_UNTRUSTED"));
      expect(() => verifyEntrySignature("!", entry, trusted)).toThrow(refusal("AUDIT_NOTE_MALFORMED"));
    });
  });
});
