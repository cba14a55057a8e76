import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyJournal } from "@symbiont/audit";
import { sha256Hex } from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { fill, openJournal, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const small = { maxSegmentBytes: 2_000 };
const segments = (folder: string): string[] => readdirSync(join(folder, "seg")).sort();

describe("segments", () => {
  test("are closed at their size, at a checkpoint, with chain and tree going through all of them", async () => {
    await withFolder(async (folder) => {
      const anchors: string[] = [];
      const journal = await openJournal(folder, { ...small, anchor: (note) => void anchors.push(note) });
      await fill(journal, 30);
      await journal.close();
      const names = segments(folder);
      expect(names.length).toBeGreaterThan(4);
      const report = await verifyJournal(folder, { trusted: [journal.verifierKey], anchors });
      const starts = names.slice(1).map((name) => Number(name.slice(0, 16)));
      const anchored = anchors.map((note) => Number(note.split("\n")[1]));
      expect(anchored).toEqual(expect.arrayContaining(starts));
      expect(readRecords(folder)).toHaveLength(report.records);
      expect(readRecords(folder).filter(({ type }) => type === "journal.rotated")).toHaveLength(
        starts.length,
      );
    });
  });

  test("have a summary with the hash of their bytes", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, small);
      await fill(journal, 10);
      await journal.close();
      const summary = JSON.parse(readFileSync(join(folder, "sum", "0000000000000000.json"), "utf8"));
      expect(summary.sha256).toBe(sha256Hex(readFileSync(join(folder, "seg", "0000000000000000.jsonl"))));
      expect(Number(segments(folder)[1]?.slice(0, 16))).toBe(summary.size);
    });
  });

  test("are not closed for the record of a closing alone, however small they may be", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { maxSegmentBytes: 1 });
      await fill(journal, 3);
      await journal.close();
      expect(segments(folder).length).toBeLessThanOrEqual(5);
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    });
  });

  test("that are closed while the journal closes leave nothing unsigned", async () => {
    for (let round = 0; round < 20; round += 1)
      await withFolder(async (folder) => {
        const journal = await openJournal(folder, { maxSegmentBytes: 1 });
        await fill(journal, 2);
        await journal.close();
        const report = await verifyJournal(folder, { trusted: [journal.verifierKey] });
        expect(report.signedRecords).toBe(report.records);
      });
  });

  test("are closed at their age", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { maxSegmentMs: 1 });
      await fill(journal, 3);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await fill(journal, 3);
      await journal.close();
      expect(segments(folder).length).toBeGreaterThan(1);
    });
  });

  test("are opened from the newest summary, and by reading more when it is gone", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, small);
      const { sequence } = await journal.append(record("a", { outcome: "attempt" }));
      await fill(journal, 30);
      await journal.close();
      await (await openJournal(folder, small)).close();
      rmSync(join(folder, "sum"), { recursive: true });
      await (await openJournal(folder, small)).close();
      const recovered = readRecords(folder).filter(({ type }) => type === "journal.recovered");
      expect(recovered.map(({ data }) => data.openAttempts)).toEqual([[sequence], [sequence]]);
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    });
  });
});

describe("whoever can write the folder", () => {
  async function closed(folder: string): Promise<string> {
    const journal = await openJournal(folder, small);
    await fill(journal, 30);
    await journal.close();
    return journal.verifierKey;
  }

  test("cannot remove the first segments, a middle one, or the last", async () => {
    for (const which of [0, 2, -1]) {
      await withFolder(async (folder) => {
        const trusted = [await closed(folder)];
        rmSync(join(folder, "seg", segments(folder).at(which) as string));
        await expect(verifyJournal(folder, { trusted })).rejects.toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^AUDIT_(CORRUPT|ROLLBACK)$/) }),
        );
      });
    }
  });

  test("cannot give a summary another tree, or another end", async () => {
    await withFolder(async (folder) => {
      await closed(folder);
      const path = join(folder, "sum", readdirSync(join(folder, "sum")).sort().at(-1) as string);
      const text = readFileSync(path, "utf8");
      const roots = (JSON.parse(text) as { roots: string[] }).roots;
      writeFileSync(path, text.replace(roots[0] as string, "0".repeat(64)));
      await expect(openJournal(folder, small)).rejects.toThrow(refusal("AUDIT_FORKED"));
      const { head } = JSON.parse(text) as { head: string };
      writeFileSync(path, text.replace(`"head":"${head}"`, `"head":"${"0".repeat(64)}"`));
      await expect(openJournal(folder, small)).rejects.toThrow(refusal("AUDIT_CORRUPT"));
      for (const broken of ["{", "[]", text.replace('"v":1', '"v":2'), text.replace('"size":', '"size":-')]) {
        writeFileSync(path, broken);
        await expect(openJournal(folder, small)).rejects.toThrow(refusal("AUDIT_CORRUPT"));
      }
    });
  });
});
