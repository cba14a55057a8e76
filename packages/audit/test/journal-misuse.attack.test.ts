import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Journal, type JournalOptions, signCheckpoint, verifyJournal } from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import type { AuditRecord } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { withFolder } from "./temporary-folder.ts";

// What a caller, a clock or an anchor can do to a journal that is being written.

const { privateKey: key } = generateKeyPair("Ed25519");
const origin = "example.org/agent/audit/1";
const record: AuditRecord = { type: "tool.call", outcome: "info", actor: { kind: "agent", id: "a" } };
const refusal = (code: string) => expect.objectContaining({ code }) as Error;

function options(more: Partial<JournalOptions> = {}): JournalOptions {
  return { origin, key, anchor: () => undefined, ...more };
}

describe("a record or a clock cannot make the journal unreadable", () => {
  test.each<[string, unknown]>([
    ["an unknown outcome", { ...record, outcome: "maybe" }],
    ["no outcome", { ...record, outcome: undefined }],
    ["a type that is a list", { ...record, type: ["tool.call"] }],
    ["no actor", { type: "tool.call", outcome: "info" }],
    ["nothing at all", null],
  ])("%s", async (_, bad) => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options());
      await expect(journal.append(bad as AuditRecord)).rejects.toThrow(refusal("AUDIT_RECORD_INVALID"));
      await journal.append(record);
      await journal.close();
      const report = await verifyJournal(folder, { trusted: [journal.verifierKey] });
      expect(report.records).toBe(3);
    });
  });

  test.each([253_402_300_800_000, 8.7e15, Number.NaN, Number.POSITIVE_INFINITY, -1])(
    "the time %d",
    async (time) => {
      await withFolder(async (folder) => {
        let now = Date.UTC(2026, 0, 1);
        const journal = await Journal.open(folder, options({ clock: { now: () => now } }));
        now = time;
        const appended = await journal.append(record).catch((error: unknown) => error);
        now = Date.UTC(2026, 0, 2);
        if (time >= 0 || Number.isNaN(time)) expect(appended).toMatchObject({ code: "AUDIT_UNAVAILABLE" });
        await journal.append(record);
        await journal.close();
        const { records } = await verifyJournal(folder, { trusted: [journal.verifierKey] });
        expect(records).toBe(time === -1 ? 4 : 3);
      });
    },
  );
});

describe("checkpoints", () => {
  test("are signed while records keep coming", async () => {
    await withFolder(async (folder) => {
      const anchored: number[] = [];
      const anchor = (note: string): void => void anchored.push(Number(note.split("\n")[1]));
      const journal = await Journal.open(folder, options({ anchor, checkpointEvery: 10 }));
      let signedUnderLoad = 0;
      const end = performance.now() + 300;
      const produce = async (): Promise<void> => {
        while (performance.now() < end) {
          await journal.append(record);
          signedUnderLoad = anchored.length;
        }
      };
      await Promise.all(Array.from({ length: 20 }, produce));
      await journal.close();
      expect(signedUnderLoad).toBeGreaterThan(1);
    });
  });

  test("do not queue up behind a slow anchor", async () => {
    await withFolder(async (folder) => {
      let calls = 0;
      const waiting: (() => void)[] = [];
      const anchor = async (): Promise<void> => {
        calls += 1;
        if (calls === 1) await new Promise<void>((resolve) => waiting.push(resolve));
      };
      const journal = await Journal.open(folder, options({ anchor, checkpointEvery: 1 }));
      for (let index = 0; index < 30; index += 1) await journal.append(record);
      await expect.poll(() => waiting.length).toBe(1);
      for (const go of waiting) go();
      await journal.close();
      expect(calls).toBeLessThan(5);
    });
  });

  test("an anchor that hangs stops the journal and does not hold its close", async () => {
    await withFolder(async (folder) => {
      const anchor = async (): Promise<void> => new Promise(() => undefined);
      const journal = await Journal.open(folder, options({ anchor, anchorTimeoutMs: 30 }));
      await expect(journal.checkpoint()).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await expect(journal.append(record)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await journal.close();
      await (await Journal.open(folder, options())).close();
    });
  });

  test("an anchor that hangs in the background stops the journal", async () => {
    await withFolder(async (folder) => {
      const anchor = async (): Promise<void> => new Promise(() => undefined);
      const more = { anchor, anchorTimeoutMs: 20, checkpointEvery: 1 };
      const journal = await Journal.open(folder, options(more));
      await expect
        .poll(async () => journal.append(record).then(String, (error: { code: string }) => error.code))
        .toBe("AUDIT_UNAVAILABLE");
      await journal.close();
    });
  });

  test("an anchor that throws is reported with a code", async () => {
    await withFolder(async (folder) => {
      const anchor = (): void => {
        throw new Error("no route");
      };
      const journal = await Journal.open(folder, options({ anchor }));
      await expect(journal.checkpoint()).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await journal.close().catch(() => undefined);
    });
  });

  test("are not written by a journal that was closed: another writer's would be overwritten", async () => {
    await withFolder(async (folder) => {
      const first = await Journal.open(folder, options());
      await first.close();
      const second = await Journal.open(folder, options());
      await second.append(record);
      await second.close();
      const newest = readFileSync(join(folder, "checkpoint"), "utf8");
      await expect(first.checkpoint()).rejects.toThrow(refusal("AUDIT_CLOSED"));
      expect(readFileSync(join(folder, "checkpoint"), "utf8")).toBe(newest);
    });
  });
});

describe("closing", () => {
  test("with a full queue writes everything first, and then lets go of the lock", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options({ maxQueued: 3 }));
      const appends = Array.from({ length: 3 }, async () => journal.append(record));
      await journal.close();
      expect(await Promise.all(appends)).toHaveLength(3);
      const report = await verifyJournal(folder, { trusted: [journal.verifierKey] });
      expect([report.records, report.signedRecords]).toEqual([5, 5]);
    });
  });
});

describe("whoever can write the folder", () => {
  test("cannot pass a deleted journal off as a new one", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options());
      await journal.append(record);
      await journal.close();
      const checkpoint = readFileSync(join(folder, "checkpoint"), "utf8");
      rmSync(join(folder, "log.json"));
      rmSync(join(folder, "seg"), { recursive: true });
      await expect(Journal.open(folder, options())).rejects.toThrow(refusal("AUDIT_ROLLBACK"));
      expect(readFileSync(join(folder, "checkpoint"), "utf8")).toBe(checkpoint);
    });
  });

  test("cannot sign with the key of another journal that is trusted as well", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options());
      await journal.append(record);
      await journal.close();
      const { root, records } = await verifyJournal(folder, { trusted: [journal.verifierKey] });
      const other = generateKeyPair("Ed25519").privateKey;
      const otherOrigin = "example.org/agent/audit/2";
      const { signNote, verifierKey, formatVerifierKey } = await import("@symbiont/audit");
      const own = signCheckpoint({ origin, size: records, root }, key);
      const text = own.slice(0, own.lastIndexOf("\n\n") + 1);
      writeFileSync(join(folder, "checkpoint"), signNote(text, otherOrigin, other));
      const trusted = [journal.verifierKey, formatVerifierKey(verifierKey(otherOrigin, other.publicKey))];
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_NOTE_UNTRUSTED"));
    });
  });

  test.each(["log.json", "checkpoint"])("%s that is not text is named as corrupt", async (name) => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options());
      await journal.close();
      writeFileSync(join(folder, name), Uint8Array.of(0xff, 0xfe, 0x0a));
      const trusted = [journal.verifierKey];
      await expect(verifyJournal(folder, { trusted })).rejects.toThrow(refusal("AUDIT_CORRUPT"));
      await expect(Journal.open(folder, options())).rejects.toThrow(refusal("AUDIT_CORRUPT"));
    });
  });
});

test("a journal is verified while it is being written", async () => {
  await withFolder(async (folder) => {
    const journal = await Journal.open(folder, options({ checkpointEvery: 20 }));
    const appends: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round += 1) {
      for (let index = 0; index < 20; index += 1) appends.push(journal.append(record));
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    }
    await Promise.all(appends);
    await journal.close();
  });
});

test("a journal goes on under a new key when the old one is trusted", async () => {
  await withFolder(async (folder) => {
    const first = await Journal.open(folder, options());
    await first.close();
    const next = generateKeyPair("Ed25519").privateKey;
    await expect(Journal.open(folder, options({ key: next }))).rejects.toThrow(
      refusal("AUDIT_NOTE_UNTRUSTED"),
    );
    const second = await Journal.open(folder, options({ key: next, trusted: [first.verifierKey] }));
    await second.close();
    const { records } = await verifyJournal(folder, { trusted: [second.verifierKey] });
    expect(records).toBe(4);
  });
});

test.each([2 ** 31, 2 ** 40])("an interval of %d, which timers do not keep, is refused", async (value) => {
  await withFolder(async (folder) => {
    await expect(Journal.open(folder, options({ checkpointIntervalMs: value }))).rejects.toThrow(RangeError);
    await expect(Journal.open(folder, options({ anchorTimeoutMs: value }))).rejects.toThrow(RangeError);
  });
});
