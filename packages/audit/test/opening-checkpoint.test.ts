import { cpSync } from "node:fs";
import { join } from "node:path";
import { AuditError, inspectJournal, verifyJournal } from "@symbiont/audit";
import { describe, expect, test } from "vitest";
import { fill, openJournal, openLog, record } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

describe("a journal that is opened", () => {
  test("is signed before anything is appended: a crash right after it leaves no unsigned tail", async () => {
    await withFolder(async (folder) => {
      const [first, crashed, again] = ["first", "crashed", "again"].map((name) => join(folder, name));
      const journal = await openJournal(first as string);
      const trusted = [journal.verifierKey];
      expect(await verifyJournal(first as string, { trusted })).toMatchObject({
        records: 1,
        signedRecords: 1,
      });
      await fill(journal, 5);
      cpSync(first as string, crashed as string, {
        recursive: true,
        filter: (name) => !name.includes("writer"),
      });
      expect(await verifyJournal(crashed as string, { trusted })).toMatchObject({
        records: 6,
        signedRecords: 1,
      });
      const recovered = await openJournal(crashed as string);
      cpSync(crashed as string, again as string, {
        recursive: true,
        filter: (name) => !name.includes("writer"),
      });
      expect(await verifyJournal(again as string, { trusted })).toMatchObject({
        records: 7,
        signedRecords: 7,
      });
      await recovered.append(record("after"));
      await Promise.all([journal.close(), recovered.close()]);
      // What had been unsigned is told of by the lines themselves as well.
      const types = readRecords(crashed as string).map(({ type, data }) => [type, data?.size]);
      expect(types.slice(6, 9)).toEqual([
        ["journal.open", undefined],
        ["journal.checkpoint", 7],
        ["tool.call", undefined],
      ]);
      expect(readRecords(crashed as string)[6].data).toEqual({ reason: "opened", unsigned: 5 });
      const report = await inspectJournal(crashed as string, { trusted });
      expect(report).toMatchObject({ ok: true, report: { records: 10, signedRecords: 10 } });
    });
  });

  test("does not wait for a slow anchor, and stops when the anchor fails", async () => {
    await withFolder(async (folder) => {
      let fail: (error: Error) => void = () => undefined;
      let asked = 0;
      const anchor = async (): Promise<void> => {
        asked += 1;
        if (asked === 1) await new Promise<void>((_, reject) => (fail = reject));
      };
      const log = await openLog(folder, { anchor, reopenDelayMs: 60_000 });
      await log.append(record("while it hangs"));
      expect(asked).toBe(1);
      fail(new Error("no route"));
      await expect.poll(() => log.degraded).toBeInstanceOf(AuditError);
      await expect(log.append(record("a"))).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
      await log.reopen();
      await log.append(record("b"));
      await log.close();
      expect(readRecords(folder).map(({ actor }) => actor.id)).toEqual(
        expect.arrayContaining(["while it hangs", "b"]),
      );
    });
  });
});
