import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  formatVerifierKey,
  inspectJournal,
  Journal,
  leafHash,
  parseNote,
  parseVerifierKey,
  signCheckpoint,
  verifierKey,
  verifyCheckpoint,
  verifyEntrySignature,
  verifyJournal,
} from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { FaultyFiles } from "../../../scripts/testing/faulty-files.ts";
import { key, openJournal, openLog, origin, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const { privateKey: next } = generateKeyPair("Ed25519");
const [oldKey, newKey] = [key, next].map(({ publicKey }) =>
  formatVerifierKey(verifierKey(origin, publicKey)),
) as [string, string];

describe("a change of keys", () => {
  test("is on record, under a checkpoint that both have signed, and later ones have the new key's alone", async () => {
    await withFolder(async (folder) => {
      const notes: string[] = [];
      const journal = await openJournal(folder, {
        anchor: (note) => void notes.push(note),
        signEntries: true,
      });
      await journal.append(record("before"));
      await journal.rotateKey(next);
      const both = notes.at(-1) as string;
      expect(parseNote(both).signatures).toHaveLength(2);
      await journal.append(record("after"));
      await journal.close();
      expect(journal.verifierKey).toBe(newKey);
      expect(parseNote(notes.at(-1) as string).signatures).toHaveLength(1);
      expect(readRecords(folder)[2]).toMatchObject({
        type: "journal.key",
        data: { old: oldKey, new: newKey },
      });
      // Whoever knows one of them only is convinced by the checkpoint between, and by later ones of the new key.
      for (const known of [oldKey, newKey])
        expect(verifyCheckpoint(both, origin, [parseVerifierKey(known)]).size).toBe(3);
      expect(await inspectJournal(folder, { trusted: [oldKey] })).toMatchObject({ ok: false });
      expect(await inspectJournal(folder, { trusted: [newKey] })).toMatchObject({ ok: true });
      const report = await verifyJournal(folder, { trusted: [oldKey, newKey], anchors: [both] });
      expect(report.keys).toEqual([{ record: 2, old: oldKey, new: newKey }]);
    });
  });

  test("holds when the journal is opened again, with the old key among the trusted", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { maxSegmentBytes: 500 });
      for (const id of ["a", "b", "c", "d"]) await journal.append(record(id));
      await journal.rotateKey(next);
      await journal.close();
      await expect(openJournal(folder)).rejects.toThrow(refusal("AUDIT_NOTE_UNTRUSTED"));
      const again = await openJournal(folder, { key: next, trusted: [oldKey] });
      await again.append(record("again"));
      await again.close();
      await verifyJournal(folder, {
        trusted: [
          { key: oldKey, toSize: 8 },
          { key: newKey, fromSize: 5 },
        ],
      });
    });
  });

  test("holds when a log opens its journal again after a failure", async () => {
    await withFolder(async (folder) => {
      const files = new FaultyFiles();
      const log = await openLog(folder, { fileSystem: files, reopenDelayMs: 3_600_000 });
      await log.rotateKey(next);
      files.syncError = "EIO";
      await expect(log.append(record("lost"))).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      files.syncError = undefined;
      await log.reopen();
      await log.append(record("kept"));
      await log.close();
      expect(log.verifierKey).toBe(newKey);
      await verifyJournal(folder, { trusted: [newKey, { key: oldKey, toSize: 2 }] });
    });
  });

  test("that cannot be recorded leaves the old key in place", async () => {
    await withFolder(async (folder) => {
      const files = new FaultyFiles();
      const journal = await openJournal(folder, { fileSystem: files, reserveBytes: 0 });
      files.writeError = "EIO";
      await expect(journal.rotateKey(next)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      files.writeError = undefined;
      expect(journal.verifierKey).toBe(oldKey);
      await journal.close();
      await verifyJournal(folder, { trusted: [oldKey] });
    });
  });

  test("that cannot be anchored leaves the old key in place, also for single records", async () => {
    await withFolder(async (folder) => {
      let down = false;
      const anchor = (): void => {
        if (down) throw new Error("down");
      };
      const journal = await openJournal(folder, { anchor, signEntries: true });
      down = true;
      await expect(journal.rotateKey(next)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      down = false;
      await journal.append(record("still the old key"));
      await journal.close();
      expect(journal.verifierKey).toBe(oldKey);
      await verifyJournal(folder, { trusted: [oldKey] });
      const lines = readFileSync(join(folder, "sig", "0000000000000000.sig"), "utf8")
        .trimEnd()
        .split("\n");
      const keys = [parseVerifierKey(oldKey)];
      const records = readFileSync(join(folder, "seg", "0000000000000000.jsonl"))
        .toString()
        .trimEnd()
        .split("\n");
      const last = lines.length - 1;
      const leaf = leafHash(Buffer.from(records[last] as string));
      const entry = { origin, sequence: last, leaf };
      expect(() => verifyEntrySignature(lines[last]?.split(" ")[1] as string, entry, keys)).not.toThrow();
    });
  });

  test("asked for twice at once happens twice, one after the other", async () => {
    await withFolder(async (folder) => {
      const third = generateKeyPair("Ed25519").privateKey;
      const journal = await openJournal(folder);
      await Promise.all([journal.rotateKey(next), journal.rotateKey(third)]);
      await journal.close();
      const thirdKey = formatVerifierKey(verifierKey(origin, third.publicKey));
      const report = await verifyJournal(folder, { trusted: [thirdKey] });
      expect(report.keys).toEqual([
        { record: 1, old: oldKey, new: newKey },
        { record: 3, old: newKey, new: thirdKey },
      ]);
    });
  });

  test("to the same key is refused", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      await expect(journal.rotateKey(key)).rejects.toThrow(RangeError);
      await journal.close();
    });
  });
});

describe("a key with a range", () => {
  test.each([
    [{ key: oldKey, toSize: 2 }, "AUDIT_NOTE_UNTRUSTED"],
    [{ key: oldKey, fromSize: 5 }, "AUDIT_NOTE_UNTRUSTED"],
    [{ key: oldKey, fromSize: 4, toSize: 4 }, undefined],
  ])("%j: %s", async (trusted, code) => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      await journal.append(record("a"));
      await journal.append(record("b"));
      await journal.close();
      const inspection = await inspectJournal(folder, { trusted: [trusted] });
      expect(inspection.ok ? undefined : inspection.fault.code).toBe(code);
    });
  });

  test.each([{ fromSize: 5, toSize: 4 }, { fromSize: -1 }, { toSize: 0.5 }])(
    "%j is refused",
    async (range) => {
      await withFolder(async (folder) => {
        await (await openJournal(folder)).close();
        const inspecting = Journal.open(folder, {
          origin,
          key,
          anchor: () => undefined,
          trusted: [{ key: newKey, ...range }],
        });
        await expect(inspecting).rejects.toThrow();
      });
    },
  );
});

describe("a key that was stolen", () => {
  test("counts for what it had signed before, and for nothing since", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      await journal.append(record("a"));
      const before = await journal.checkpoint();
      await journal.rotateKey(next);
      await journal.revokeKey(oldKey, 2);
      await journal.append(record("b"));
      await journal.close();
      const report = await verifyJournal(folder, { trusted: [oldKey, newKey], anchors: [before] });
      expect(report.keys.at(-1)).toEqual({ record: 5, revoked: oldKey, from: 2 });
      // The thief signs the newest state with the stolen key alone.
      const forged = signCheckpoint({ origin, size: report.records, root: report.root }, key);
      const inspection = await inspectJournal(folder, { trusted: [oldKey, newKey], anchors: [forged] });
      expect(inspection).toMatchObject({ ok: false, fault: { code: "AUDIT_NOTE_UNTRUSTED" } });
      writeFileSync(join(folder, "checkpoint"), forged);
      expect(await inspectJournal(folder, { trusted: [oldKey, newKey] })).toMatchObject({ ok: false });
    });
  });

  test("must be one of this journal, from a size", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder);
      const other = formatVerifierKey(verifierKey("example.org/other", key.publicKey));
      await expect(journal.revokeKey(other, 1)).rejects.toThrow(RangeError);
      await expect(journal.revokeKey(newKey, -1)).rejects.toThrow(RangeError);
      await expect(journal.revokeKey(oldKey, 1)).rejects.toThrow("rotate it first");
      await journal.close();
    });
  });
});
