import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type JournalOptions,
  JournalProofs,
  leafHash,
  parseVerifierKey,
  verifyJournal,
  verifyTlogProof,
} from "@symbiont/audit";
import { canonicalJson } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { openJournal, openLog, origin, record, refusal } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

describe('seal: "batch"', () => {
  test("nothing that was acknowledged is ever unsigned, one after the other or many at once", async () => {
    await withFolder(async (folder) => {
      const [live, copy] = [join(folder, "live"), join(folder, "copy")];
      const journal = await openJournal(live, { seal: "batch" });
      const trusted = [journal.verifierKey];
      const signed = async (): Promise<number> => {
        // As a crash at this moment would leave it.
        rmSync(copy, { recursive: true, force: true });
        cpSync(live, copy, { recursive: true, filter: (name) => !name.includes("writer") });
        return (await verifyJournal(copy, { trusted })).signedRecords;
      };
      for (let index = 0; index < 5; index += 1) {
        const { sequence } = await journal.append(record(`a-${index}`));
        expect(await signed()).toBeGreaterThan(sequence);
      }
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => journal.append(record(`many-${index}`))),
      );
      expect(await signed()).toBe(56);
      await journal.close();
      expect(await verifyJournal(live, { trusted })).toMatchObject({ records: 57, signedRecords: 57 });
      // One checkpoint a batch is no record a batch.
      expect(readRecords(live).filter(({ type }) => type === "journal.checkpoint")).toEqual([]);
    });
  });

  test("segments are closed, records proved and older checkpoints refused as with any other", async () => {
    await withFolder(async (folder) => {
      const journal = await openJournal(folder, { seal: "batch", maxSegmentBytes: 1_000 });
      await journal.append(record("first"));
      const older = readFileSync(join(folder, "checkpoint"));
      for (let index = 0; index < 12; index += 1) await journal.append(record(`a-${index}`));
      const trusted = [journal.verifierKey];
      const proofs = await JournalProofs.open(folder, { trusted });
      const { sequence } = await journal.append(record("proved"));
      expect(proofs.size).toBeLessThanOrEqual(sequence);
      const after = await JournalProofs.open(folder, { trusted });
      const leaf = Uint8Array.from(after.leaf(sequence));
      const proved = verifyTlogProof(after.tlogProof(sequence), leaf, {
        origin,
        trusted: trusted.map(parseVerifierKey),
      });
      expect(proved.index).toBe(sequence);
      await journal.close();
      await verifyJournal(folder, { trusted });
      writeFileSync(join(folder, "checkpoint"), older);
      // The list still knows of the newest one: no tail can be cut off.
      const newest = join(folder, "seg", readdirSync(join(folder, "seg")).sort().at(-1) ?? "");
      rmSync(newest);
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
      await expect(openJournal(folder, { seal: "batch" })).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
    });
  });

  test("anchors are told as often as with the other, so that a slow one holds nobody up", async () => {
    await withFolder(async (folder) => {
      let anchored = 0;
      const anchor = async (): Promise<void> => {
        anchored += 1;
        if (anchored > 1) await new Promise(() => undefined);
      };
      const journal = await openJournal(folder, { seal: "batch", anchor, checkpointEvery: 5 });
      for (let index = 0; index < 20; index += 1) await journal.append(record("a"));
      await expect.poll(() => anchored).toBe(2);
      expect(journal.size).toBeGreaterThanOrEqual(21);
    });
  });

  test("a record that cannot be signed is not acknowledged, and the journal says what was open", async () => {
    await withFolder(async (folder) => {
      const log = await openLog(folder, { seal: "batch", reopenDelayMs: 60_000 });
      await log.append(record("kept"));
      // A folder in the place of the file: nothing can take its name.
      const checkpoint = join(folder, "checkpoint");
      const note = readFileSync(checkpoint);
      rmSync(checkpoint);
      mkdirSync(checkpoint);
      let ran = false;
      const guarded = log.guard(record("unsigned"), () => (ran = true));
      await expect(guarded).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      expect(ran).toBe(false);
      await expect(log.append(record("refused"))).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      rmSync(checkpoint, { recursive: true });
      writeFileSync(checkpoint, note, { mode: 0o600 });
      await log.reopen();
      await log.append(record("again"));
      await log.close();
      const report = await verifyJournal(folder, { trusted: [log.verifierKey] });
      expect(report.signedRecords).toBe(report.records);
      const recovered = readRecords(folder).find(({ type }) => type === "journal.recovered");
      expect(recovered.data).toMatchObject({ openAttempts: [2] });
    });
  });

  test("a journal may change from one to the other", async () => {
    await withFolder(async (folder) => {
      for (const seal of ["interval", "batch", "interval"] as const) {
        const journal = await openJournal(folder, { seal });
        await journal.append(record(seal));
        await journal.close();
        await verifyJournal(folder, { trusted: [journal.verifierKey] });
      }
      expect(readRecords(folder).filter(({ type }) => type === "tool.call")).toHaveLength(3);
    });
  });

  /** The folder as a crash leaves it, when somebody adds a well-formed record meanwhile. */
  async function withForgedTail(
    folder: string,
    copy: string,
    more: Partial<JournalOptions>,
  ): Promise<string> {
    const journal = await openJournal(folder, more);
    for (let index = 0; index < 5; index += 1) await journal.append(record(`a-${index}`));
    cpSync(folder, copy, { recursive: true, filter: (name) => !name.includes("writer") });
    await journal.close();
    const newest = readdirSync(join(copy, "seg")).sort().at(-1) ?? "";
    const path = join(copy, "seg", newest);
    const last = readRecords(copy).at(-1);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const prev = Buffer.from(leafHash(Buffer.from(lines.at(-1) as string))).toString("hex");
    const forged = { ...last, seq: last.seq + 1, prev, actor: { kind: "agent", id: "forged" } };
    appendFileSync(path, `${canonicalJson(forged)}\n`);
    return canonicalJson(forged);
  }

  test.each([{}, { maxSegmentBytes: 1_000 }])(
    "what no checkpoint covers was never acknowledged: it is put aside, %j",
    async (more) => {
      await withFolder(async (folder) => {
        const [live, copy] = [join(folder, "live"), join(folder, "copy")];
        const forged = await withForgedTail(live, copy, { seal: "batch", ...more });
        for (const seal of ["interval", "batch"] as const) {
          const journal = await openJournal(copy, { seal });
          await journal.append(record("after"));
          await journal.close();
          const report = await verifyJournal(copy, { trusted: [journal.verifierKey] });
          expect(report.signedRecords).toBe(report.records);
        }
        expect(readRecords(copy).map(({ actor }) => actor.id)).not.toContain("forged");
        const recovered = readRecords(copy).filter(({ type }) => type === "journal.recovered");
        expect(recovered).toHaveLength(1);
        expect(recovered[0].data.tornBytes).toBe(forged.length + 1);
        const [name = ""] = readdirSync(join(copy, "quarantine"));
        expect(readFileSync(join(copy, "quarantine", name), "utf8")).toBe(`${forged}\n`);
      });
    },
  );

  test("what follows the checkpoint of a journal that signs from time to time was acknowledged: it stays", async () => {
    await withFolder(async (folder) => {
      const [live, copy] = [join(folder, "live"), join(folder, "copy")];
      await withForgedTail(live, copy, { seal: "interval" });
      const kept = readRecords(copy);
      const journal = await openJournal(copy, { seal: "batch" });
      await journal.close();
      expect(readRecords(copy).slice(0, kept.length)).toEqual(kept);
    });
  });

  test("any other word is refused", async () => {
    await expect(openJournal("/nowhere", { seal: "never" as never })).rejects.toThrow(TypeError);
  });
});
