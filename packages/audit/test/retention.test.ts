import { existsSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import {
  type ClosedSegment,
  openSubjectData,
  type RetentionOptions,
  sealSubjectData,
  subjectCommitment,
  verifyJournal,
} from "@symbiont/audit";
import { describe, expect, test } from "vitest";
import { fill, openJournal, openLog, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const DAY = 86_400_000;
const start = Date.UTC(2026, 0, 1);

/** A journal of some twelve segments written on one day, and looked at ten days later. */
async function pruned(
  retention: RetentionOptions,
  look: (folder: string, gone: readonly ClosedSegment[], trusted: string[]) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    let now = start;
    const journal = await openJournal(folder, { maxSegmentBytes: 1_500, clock: { now: () => now } });
    await fill(journal, 40);
    for (const name of readdirSync(join(folder, "seg")))
      utimesSync(join(folder, "seg", name), start / 1_000, start / 1_000);
    now = start + 10 * DAY;
    await expect.poll(() => segmentCount(folder) - readdirSync(join(folder, "sum")).length).toBe(1);
    const gone = await journal.prune(retention);
    await journal.close();
    await look(folder, gone, [journal.verifierKey]);
  });
}
const segmentCount = (folder: string): number => readdirSync(join(folder, "seg")).length;

describe("retention", () => {
  test("gives up old segments but the newest two, on record, and the journal still verifies and opens", async () => {
    await pruned({ minAgeMs: DAY }, async (folder, gone, trusted) => {
      expect(gone.length).toBeGreaterThan(5);
      for (const { path } of gone) expect(existsSync(path)).toBe(false);
      const to = gone.at(-1)?.end as number;
      const records = readRecords(folder);
      expect(records[0].seq).toBe(to);
      const entry = records.find(({ type }) => type === "journal.pruned");
      expect(entry.data).toMatchObject({ to, reason: "retention", archived: false });
      expect(await verifyJournal(folder, { trusted })).toMatchObject({ prunedRecords: to });
      await (await openJournal(folder)).close();
    });
  });

  test("gives up as much as it takes to stay below a size", async () => {
    await pruned({ maxTotalBytes: 8_000, reason: "space" }, async (folder, gone) => {
      expect(gone.length).toBeGreaterThan(1);
      expect(segmentCount(folder)).toBeGreaterThan(3);
    });
  });

  test.each<[string, RetentionOptions]>([
    ["younger than the age", { minAgeMs: 11 * DAY }],
    ["on hold", { minAgeMs: DAY, hold: [0] }],
    ["not archived", { minAgeMs: DAY, archived: () => false }],
  ])("keeps what is %s", async (_, retention) => {
    await pruned(retention, async (folder, gone) => {
      expect(gone).toEqual([]);
      expect(readRecords(folder)[0].seq).toBe(0);
    });
  });

  test("only says what it would do when asked for a dry run", async () => {
    await pruned({ minAgeMs: DAY, dryRun: true }, async (folder, gone) => {
      expect(gone.length).toBeGreaterThan(5);
      expect(readRecords(folder)[0].seq).toBe(0);
    });
  });

  test("asks whether each segment is archived, with its hash", async () => {
    const asked: ClosedSegment[] = [];
    const archived = (segment: ClosedSegment): boolean => asked.push(segment) < 3;
    await pruned({ minAgeMs: DAY, archived }, async (_, gone) => {
      expect(gone).toEqual(asked.slice(0, 2));
      expect(gone[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  test("must name a limit", async () => {
    await withFolder(async (folder) => {
      const log = await openLog(folder);
      await expect(log.prune({})).rejects.toThrow(RangeError);
      await expect(log.prune({ minAgeMs: Number.NaN })).rejects.toThrow(RangeError);
      await log.close();
      await expect(log.prune({ minAgeMs: 1 })).rejects.toThrow(refusal("AUDIT_CLOSED"));
    });
  });

  test("is no cover for somebody else who deletes segments", async () => {
    await pruned({ minAgeMs: DAY }, async (folder, _, trusted) => {
      const [oldest] = readdirSync(join(folder, "seg")).sort();
      rmSync(join(folder, "seg", oldest as string));
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_CORRUPT"));
    });
  });

  test("cannot be put on record by a caller", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      const forged = record("a", { type: "journal.pruned", data: { to: 1_000 } });
      await expect(journal.append(forged)).rejects.toThrow(refusal("AUDIT_RECORD_INVALID"));
      await journal.close();
    });
  });
});

describe("data about a person", () => {
  const subjectKey = new Uint8Array(32).fill(1);
  const otherKey = new Uint8Array(32).fill(2);

  test("is found and read while the key exists, and by nobody without it", () => {
    expect(subjectCommitment(subjectKey, "ada@example.org")).toBe(
      subjectCommitment(subjectKey, "ada@example.org"),
    );
    expect(subjectCommitment(subjectKey, "ada@example.org")).not.toBe(
      subjectCommitment(otherKey, "ada@example.org"),
    );
    const sealed = sealSubjectData(subjectKey, "born in London");
    expect(openSubjectData(subjectKey, sealed)).toBe("born in London");
    expect(() => openSubjectData(otherKey, sealed)).toThrow(refusal("AEAD_OPEN_FAILED"));
  });

  test("needs a key of 32 bytes", () => {
    expect(() => subjectCommitment(new Uint8Array(16), "a")).toThrow(RangeError);
    expect(() => sealSubjectData(new Uint8Array(0), "a")).toThrow(RangeError);
  });
});
