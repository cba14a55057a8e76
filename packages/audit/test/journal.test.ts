import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  AuditError,
  Journal,
  type JournalOptions,
  parseVerifierKey,
  verifyCheckpoint,
  verifyJournal,
} from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import type { AuditRecord } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { withFolder } from "./temporary-folder.ts";

const { privateKey: key } = generateKeyPair("Ed25519");
const origin = "example.org/agent/audit/1";

function options(more: Partial<JournalOptions> = {}): JournalOptions {
  return { origin, key, anchor: () => undefined, ...more };
}

const record = (id: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  type: "tool.call",
  outcome: "info",
  actor: { kind: "agent", id },
  ...more,
});

function lines(folder: string): string[] {
  return readFileSync(join(folder, "seg", "0000000000000000.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
}

const refusal = (code: string, more: object = {}) => expect.objectContaining({ code, ...more }) as Error;

describe("a journal", () => {
  test("holds what was appended, in order, chained, and verifies", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options());
      const receipts = await Promise.all(["a", "b", "c"].map(async (id) => journal.append(record(id))));
      expect(receipts).toEqual([{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }]);
      await journal.close();
      const report = await verifyJournal(folder, { trusted: [journal.verifierKey] });
      expect(report).toMatchObject({ origin, records: 5, signedRecords: 5, openAttempts: [], tornBytes: 0 });
      expect(lines(folder).map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
        "journal.open",
        "tool.call",
        "tool.call",
        "tool.call",
        "journal.close",
      ]);
    });
  });

  test("writes every field of a record", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options({ clock: { now: () => Date.UTC(2026, 0, 2) } }));
      await journal.append({
        type: "tool.call",
        outcome: "failure",
        actor: { kind: "agent", id: "a-1", key: "sha256:1" },
        action: "tool_call::x",
        resource: { kind: "tool", id: "s/x" },
        attempt: 0,
        policy: { engine: "symbi", set: "sha256:2", rules: ["p#0"], code: "allow.rule" },
        error: { name: "Error", code: "E" },
        trace: { traceId: "t1", spanId: "s1" },
        data: { constructor: "a name like any other", n: 1e20 },
      });
      await journal.close();
      expect(JSON.parse(lines(folder)[1] ?? "")).toMatchObject({
        v: 1,
        seq: 1,
        ts: "2026-01-02T00:00:00.000Z",
        out: "failure",
        actor: { kind: "agent", id: "a-1", key: "sha256:1" },
        act: "tool_call::x",
        res: { kind: "tool", id: "s/x" },
        of: 0,
        pol: { engine: "symbi", set: "sha256:2", rules: ["p#0"], code: "allow.rule" },
        err: { name: "Error", code: "E" },
        trace: { t: "t1", s: "s1" },
        data: { constructor: "a name like any other", n: 1e20 },
      });
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    });
  });

  test("goes on where it ended, and says which attempts have no outcome", async () => {
    await withFolder(async (folder) => {
      const first = await Journal.open(folder, options());
      const { sequence } = await first.append(record("a", { outcome: "attempt" }));
      await first.append(record("b", { outcome: "attempt" }));
      await first.append(record("a", { outcome: "success", attempt: sequence }));
      await first.close();
      const second = await Journal.open(folder, options());
      await second.close();
      expect(JSON.parse(lines(folder)[5] ?? "")).toMatchObject({
        type: "journal.recovered",
        data: { openAttempts: [2], openAttemptsTotal: 1 },
      });
      expect((await verifyJournal(folder, { trusted: [second.verifierKey] })).openAttempts).toEqual([2]);
    });
  });

  test.each([
    ["after so many records", { checkpointEvery: 3, checkpointIntervalMs: 600_000 }],
    ["after so long", { checkpointEvery: 1_000_000, checkpointIntervalMs: 30 }],
  ])("anchors a checkpoint when it opens, %s, and when it closes", async (_, more) => {
    await withFolder(async (folder) => {
      const notes: string[] = [];
      const anchor = (note: string): void => void notes.push(note);
      const journal = await Journal.open(folder, options({ anchor, ...more }));
      const trusted = [parseVerifierKey(journal.verifierKey)];
      const sizes = (): readonly number[] =>
        notes.map((note) => verifyCheckpoint(note, origin, trusted).size);
      await expect.poll(() => sizes()[0]).toBe(1);
      await Promise.all(["a", "b", "c"].map(async (id) => journal.append(record(id))));
      await expect.poll(() => sizes().at(-1)).toBeGreaterThanOrEqual(4);
      const before = journal.size;
      await journal.append(record("d"));
      await journal.close();
      const { records } = await verifyJournal(folder, { trusted: [journal.verifierKey], anchors: notes });
      expect(records).toBeGreaterThanOrEqual(before + 2);
      expect(sizes().at(-1)).toBe(records);
    });
  });

  test("keeps its files to the owner", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(join(folder, "new", "journal"), options());
      await journal.close();
      const modes = ["", "log.json", "checkpoint", "seg", "seg/0000000000000000.jsonl"].map(
        (name) => statSync(join(folder, "new", "journal", name)).mode & 0o077,
      );
      expect(modes).toEqual([0, 0, 0, 0, 0]);
    });
  });

  test("never lets its time go back", async () => {
    await withFolder(async (folder) => {
      let now = 2_000;
      const journal = await Journal.open(folder, options({ clock: { now: () => now } }));
      now = 1_000;
      await journal.append(record("a"));
      await journal.close();
      expect(JSON.parse(lines(folder)[1] ?? "")).toMatchObject({
        ts: "1970-01-01T00:00:02.000Z",
        data: { clock: "clamped" },
      });
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    });
  });

  test.each<[string, Partial<AuditRecord>]>([
    ["a type that is none", { type: "Tool Call" }],
    ["an outcome that is none", { outcome: "maybe" as never }],
    ["an actor without a name", { actor: { kind: "agent" } as never }],
    ["an attempt that is no sequence", { attempt: 1.5 }],
  ])("refuses a record with %s, and goes on", async (_, more) => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options());
      const results = await Promise.allSettled([
        journal.append(record("a", more)),
        journal.append(record("b")),
      ]);
      expect(results[0]).toMatchObject({ status: "rejected", reason: { code: "AUDIT_RECORD_INVALID" } });
      expect(results[1]).toMatchObject({ status: "fulfilled", value: { sequence: 1 } });
      await journal.close();
      await verifyJournal(folder, { trusted: [journal.verifierKey] });
    });
  });

  test("makes callers wait when it holds as much as it can, and loses nobody", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options({ maxQueued: 5 }));
      const receipts = await Promise.all(Array.from({ length: 50 }, async () => journal.append(record("a"))));
      await journal.close();
      expect(new Set(receipts.map(({ sequence }) => sequence)).size).toBe(50);
      expect((await verifyJournal(folder, { trusted: [journal.verifierKey] })).records).toBe(52);
    });
  });

  test("takes nothing once it is closed", async () => {
    await withFolder(async (folder) => {
      const journal = await Journal.open(folder, options());
      await Promise.all([journal.close(), journal.close()]);
      await expect(journal.append(record("a"))).rejects.toThrow(refusal("AUDIT_CLOSED"));
    });
  });

  test("stops when a checkpoint cannot be kept", async () => {
    await withFolder(async (folder) => {
      const anchor = async (): Promise<void> => Promise.reject(new Error("anchor unreachable"));
      const journal = await Journal.open(folder, options({ anchor, checkpointEvery: 2 }));
      await journal.append(record("a"));
      await expect
        .poll(async () =>
          journal.append(record("b")).then(
            () => "",
            (error: AuditError) => error.code,
          ),
        )
        .toBe("AUDIT_UNAVAILABLE");
    });
  });

  test.each([
    ["anchor", undefined],
    ["checkpointEvery", 0],
    ["checkpointIntervalMs", -1],
    ["maxQueued", 1.5],
    ["maxQueuedBytes", 0],
    ["deadlineMs", 0],
    ["maxSegmentMs", -1],
  ])("refuses the option %s = %s", async (name, value) => {
    await expect(Journal.open("/nowhere", options({ [name]: value }))).rejects.toThrow(new RegExp(name));
  });
});

test("AuditError carries the record it is about", async () => {
  await withFolder(async (folder) => {
    const journal = await Journal.open(folder, options());
    await journal.append(record("a"));
    await journal.close();
    const path = join(folder, "seg", "0000000000000000.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace('"id":"a"', '"id":"b"'));
    const error = await verifyJournal(folder, { trusted: [journal.verifierKey] }).catch(
      (caught: unknown) => caught,
    );
    expect(AuditError.is(error) && [error.code, error.record]).toEqual(["AUDIT_CORRUPT", 2]);
  });
});
