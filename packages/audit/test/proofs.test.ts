import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  JournalProofs,
  leafHash,
  parseVerifierKey,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifyTlogProof,
} from "@symbiont/audit";
import { canonicalJson, encodeUtf8 } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { FaultyFiles } from "../../../scripts/testing/faulty-files.ts";
import { fill, openJournal, openLog, origin, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const lines = (folder: string): Uint8Array[] =>
  readRecords(folder).map((entry) => encodeUtf8(canonicalJson(entry)));

/** Every record has a proof that holds, alone and as text. */
async function expectProofs(folder: string, trusted: string[], first = 0): Promise<void> {
  const proofs = await JournalProofs.open(folder, { trusted });
  const keys = trusted.map(parseVerifierKey);
  const { root, size } = verifyCheckpoint(proofs.note, origin, keys);
  for (const [index, line] of lines(folder).entries()) {
    const sequence = first + index;
    verifyInclusion(leafHash(line), proofs.inclusion(sequence), root);
    const { checkpoint } = verifyTlogProof(proofs.tlogProof(sequence), leafHash(line), {
      origin,
      trusted: keys,
    });
    expect(checkpoint.size).toBe(size);
  }
}

describe("proofs from a journal's tiles", () => {
  test("hold for every record, after reopening and across full tiles", async () => {
    await withFolder(async (folder) => {
      const notes: string[] = [];
      const more = { maxSegmentBytes: 20_000, anchor: (note: string) => void notes.push(note) };
      for (let round = 0; round < 3; round += 1) {
        const journal = await openJournal(folder, more);
        await Promise.all(
          Array.from({ length: 200 }, async (_, index) => journal.append(record(`r-${index}`))),
        );
        await journal.close();
        await expectProofs(folder, [journal.verifierKey]);
        const keys = [parseVerifierKey(journal.verifierKey)];
        const proofs = await JournalProofs.open(folder, { trusted: [journal.verifierKey] });
        const second = verifyCheckpoint(proofs.note, origin, keys);
        for (const note of notes) {
          const before = verifyCheckpoint(note, origin, keys);
          verifyConsistency(proofs.consistency(before.size), before.root, second.root);
        }
      }
    });
  });

  test("still work for what was pruned, with the archived line", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { maxSegmentBytes: 2_000 });
      await fill(journal, 30);
      const archived = lines(folder);
      await expect.poll(() => readdirSync(join(folder, "sum")).length).toBeGreaterThan(4);
      await journal.prune({ maxTotalBytes: 1 });
      await journal.close();
      const proofs = await JournalProofs.open(folder, { trusted: [journal.verifierKey] });
      const { root } = verifyCheckpoint(proofs.note, origin, [parseVerifierKey(journal.verifierKey)]);
      verifyInclusion(leafHash(archived[0] as Uint8Array), proofs.inclusion(0), root);
      expect(readRecords(folder)[0].seq).toBeGreaterThan(0);
    });
  });

  test("are made again when the tiles are gone", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { maxSegmentBytes: 20_000 });
      await Promise.all(Array.from({ length: 600 }, async () => journal.append(record("a"))));
      await journal.close();
      rmSync(join(folder, "tile"), { recursive: true });
      const trusted = [journal.verifierKey];
      await expect(JournalProofs.open(folder, { trusted })).rejects.toThrow(refusal("AUDIT_NOT_FOUND"));
      await (await openJournal(folder)).close();
      await expectProofs(folder, trusted);
    });
  });

  test("go on from the newest summary when the journal is opened, though its tile has become full since", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { maxSegmentBytes: 20_000 });
      for (let round = 0; round < 20; round += 1)
        await Promise.all(Array.from({ length: 30 }, async () => journal.append(record("a"))));
      await journal.close();
      // Were everything read again, this would be found.
      const first = join(folder, "seg", "0000000000000000.jsonl");
      const original = readFileSync(first);
      writeFileSync(first, "not a journal\n");
      await (await openJournal(folder)).close();
      writeFileSync(first, original);
      await expectProofs(folder, [journal.verifierKey]);
    });
  });

  test("are of the records that are there after others were taken back", async () => {
    await withFolder(async (folder) => {
      const files = new FaultyFiles();
      const log = await openLog(folder, { fileSystem: files, reopenDelayMs: 3_600_000 });
      await Promise.all(Array.from({ length: 100 }, async () => log.append(record("kept"))));
      files.syncError = "EIO";
      await Promise.allSettled(Array.from({ length: 500 }, async () => log.append(record("taken back"))));
      files.syncError = undefined;
      await log.reopen();
      await Promise.all(Array.from({ length: 20 }, async () => log.append(record("kept as well"))));
      await log.close();
      await expectProofs(folder, [log.verifierKey]);
    });
  });

  test("are refused for tiles that somebody changed, and for what the checkpoint does not cover", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      await Promise.all(Array.from({ length: 300 }, async () => journal.append(record("a"))));
      await journal.close();
      const trusted = [journal.verifierKey];
      const proofs = await JournalProofs.open(folder, { trusted });
      expect(() => proofs.inclusion(proofs.size)).toThrow(RangeError);
      expect(() => proofs.inclusion(0, proofs.size + 1)).toThrow(RangeError);
      expect(() => proofs.consistency(0)).toThrow(RangeError);
      writeFileSync(join(folder, "tile", "0", "000"), new Uint8Array(8_192));
      const changed = await JournalProofs.open(folder, { trusted });
      expect(() => changed.inclusion(3)).toThrow(refusal("AUDIT_FORKED"));
      expect(() => changed.consistency(3)).toThrow(refusal("AUDIT_FORKED"));
      rmSync(join(folder, "tile", "1"), { recursive: true });
      writeFileSync(join(folder, "tile", "1"), "");
      await expect(JournalProofs.open(folder, { trusted })).rejects.toThrow(refusal("AUDIT_NOT_FOUND"));
    });
  });
});

test.each([
  ["", "nothing"],
  ["c2sp.org/tlog-proof@v2\nindex 0\n\nx", "another version"],
  ["c2sp.org/tlog-proof@v1\nindex 00\n\nx", "a leading zero"],
  ["c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx", "a short hash"],
  [`c2sp.org/tlog-proof@v1\nindex 0\n${"A".repeat(2_000_000)}`, "too long a text"],
])("a text that is no proof is refused %#: %s", (text) => {
  expect(() => verifyTlogProof(text, new Uint8Array(32), { origin, trusted: [] })).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^AUDIT_(PROOF_INVALID|NOTE_MALFORMED)$/) }),
  );
});
