import { AuditError, AuditLog, type AuditLogOptions, verifyJournal } from "@symbiont/audit";
import { generateKeyPair } from "@symbiont/keys";
import type { AuditRecord } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { FaultyFiles } from "../../../scripts/testing/faulty-files.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const { privateKey: key } = generateKeyPair("Ed25519");
const origin = "example.org/agent/audit/1";
const refusal = (code: string) => expect.objectContaining({ code }) as Error;
const call = { type: "tool.call", actor: { kind: "agent", id: "a" } } as const;
const info: AuditRecord = { ...call, outcome: "info" };

function options(more: Partial<AuditLogOptions> = {}): AuditLogOptions {
  return { origin, key, anchor: () => undefined, failureMode: "strict", reopenDelayMs: 3_600_000, ...more };
}

async function withLog(
  more: Partial<AuditLogOptions>,
  run: (log: AuditLog, files: FaultyFiles, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const files = new FaultyFiles();
    const log = await AuditLog.open(folder, options({ fileSystem: files, ...more }));
    try {
      await run(log, files, folder);
    } finally {
      files.letGo();
      Object.assign(files, { writeError: undefined, syncError: undefined });
      await log.close();
    }
    await verifyJournal(folder, { trusted: [log.verifierKey] });
  });
}

// Each fault as the table of failure semantics names it: what the disk does, from this call on.
const faults: [string, (files: FaultyFiles) => void][] = [
  ["ENOSPC", (files) => (files.writeError = "ENOSPC")],
  ["EIO", (files) => (files.writeError = "EIO")],
  ["EACCES", (files) => (files.writeError = "EACCES")],
  ["a failed sync", (files) => (files.syncError = "EIO")],
  ["a short write", (files) => (files.shortWrite = 10)],
  ["a disk that hangs", (files) => files.hold()],
];
const healed = (files: FaultyFiles): void => {
  files.letGo();
  Object.assign(files, { writeError: undefined, syncError: undefined });
};

describe.each(faults)("strict, %s", (name, fault) => {
  // Only a disk that hangs has to wait for the deadline.
  const deadlineMs = name === "a disk that hangs" ? 1_000 : 3_600_000;
  const strict = { failureMode: "strict", deadlineMs, reserveBytes: 0 } as const;

  test("an attempt that cannot be made durable keeps the effect from running", async () => {
    await withLog(strict, async (log, files) => {
      fault(files);
      let ran = false;
      const guarded = log.guard(call, () => {
        ran = true;
      });
      await expect(guarded).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      expect(ran).toBe(false);
    });
  });

  test("an outcome that cannot be written is reported as an effect that was completed", async () => {
    await withLog(strict, async (log, files) => {
      const guarded = log.guard(call, () => {
        fault(files);
        return "the result";
      });
      await expect(guarded).rejects.toMatchObject({
        code: "AUDIT_OUTCOME_UNRECORDED",
        effectCompleted: true,
        record: 1,
        retryable: false,
      });
    });
  });

  test("an effect that throws is told with the audit error, the effect's error first", async () => {
    await withLog(strict, async (log, files) => {
      const broken = new Error("the tool broke");
      const error = await log
        .guard(call, () => {
          fault(files);
          throw broken;
        })
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(AggregateError);
      expect((error as AggregateError).errors).toEqual([broken, refusal("AUDIT_UNAVAILABLE")]);
    });
  });

  test("a denial stands, and tells why it was not recorded", async () => {
    await withLog(strict, async (log, files) => {
      expect(await log.deny(call)).toBeUndefined();
      fault(files);
      expect(await log.deny(call)).toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    });
  });
});

describe.each(faults)("permissive, %s", (_, fault) => {
  test("the effect runs, its result comes back, and everything is recorded later", async () => {
    await withLog(
      { failureMode: "permissive", deadlineMs: 50, reserveBytes: 0 },
      async (log, files, folder) => {
        fault(files);
        expect(await log.guard(call, () => "the result")).toBe("the result");
        const broken = new Error("the tool broke");
        const guarded = log.guard(call, () => {
          throw broken;
        });
        await expect(guarded).rejects.toBe(broken);
        expect(await log.deny(call)).toBeUndefined();
        await new Promise((resolve) => setTimeout(resolve, 150)); // the sync of what was accepted fails meanwhile
        healed(files);
        await log.reopen();
        await log.close();
        const records = readRecords(folder).filter(({ type }) => type === "tool.call");
        expect(records.map(({ out }) => out)).toEqual(["attempt", "success", "attempt", "failure", "denied"]);
        expect(records[1].of).toBe(records[0].seq);
        expect(records[3].of).toBe(records[2].seq);
      },
    );
  });
});

describe("a degraded log", () => {
  test("refuses strict records until it was opened again, and then names every open attempt", async () => {
    await withLog({}, async (log, files, folder) => {
      const { sequence } = await log.append({ ...call, outcome: "attempt" });
      files.syncError = "EIO";
      await expect(log.append(info)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      files.syncError = undefined;
      expect(log.degraded).toBeInstanceOf(AuditError);
      await expect(log.append(info)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await log.reopen();
      expect(log.degraded).toBeUndefined();
      await log.append(info);
      const [recovered] = readRecords(folder).filter(({ type }) => type === "journal.recovered");
      expect(recovered.data).toMatchObject({ openAttempts: [sequence], openAttemptsTotal: 1 });
    });
  });

  test("after a failed sync cuts off what was never acknowledged and goes on in a new segment", async () => {
    await withLog({}, async (log, files, folder) => {
      await log.append(info);
      files.syncError = "EIO";
      await expect(log.append({ ...info, action: "never acknowledged" })).rejects.toThrow(
        refusal("AUDIT_UNAVAILABLE"),
      );
      files.syncError = undefined;
      await log.reopen();
      await log.append({ ...info, action: "after" });
      const records = readRecords(folder);
      expect(records.map(({ type, act }) => act ?? type)).toEqual([
        "journal.open",
        "tool.call",
        "journal.recovered",
        "journal.checkpoint", // what had not been signed was, when the journal was opened again
        "after",
      ]);
      expect(records[2].data.tornBytes).toBeGreaterThan(100);
    });
  });

  test("opens its journal again by itself, and tells both times", async () => {
    const states: (Error | undefined)[] = [];
    const onStateChange = (error: Error | undefined): void => void states.push(error);
    await withLog({ reopenDelayMs: 20, onStateChange }, async (log, files) => {
      files.syncError = "EIO";
      await expect(log.append(info)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      files.syncError = undefined;
      await expect.poll(() => log.degraded).toBeUndefined();
      expect(states).toEqual([expect.any(AuditError), undefined]);
      await log.append(info);
    });
  });

  test("is left alone when somebody else writes to its file", async () => {
    await withFolder(async (folder) => {
      const log = await AuditLog.open(folder, options());
      const { appendFileSync } = await import("node:fs");
      const { join } = await import("node:path");
      appendFileSync(join(folder, "seg", "0000000000000000.jsonl"), "another writer\n");
      await expect(log.append(info)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await expect(log.reopen()).rejects.toThrow(refusal("AUDIT_FORKED"));
      await log.close().catch(() => undefined);
    });
  });
});

describe("a slow disk", () => {
  test("a record that becomes durable after its deadline is kept, and marked", async () => {
    await withLog({ deadlineMs: 400 }, async (log, files, folder) => {
      files.hold();
      await expect(log.append({ ...call, outcome: "attempt" })).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      files.letGo();
      await log.append(info);
      await log.close();
      const late = readRecords(folder).find(({ type }) => type === "journal.late");
      expect(late).toMatchObject({ of: 1, data: { reason: "deadline" } });
      expect((await verifyJournal(folder, { trusted: [log.verifierKey] })).openAttempts).toEqual([]);
    });
  });

  test("a record that was not written by its deadline never is", async () => {
    await withLog({ deadlineMs: 400 }, async (log, files, folder) => {
      files.hold();
      const first = log.append(info);
      await new Promise((resolve) => setTimeout(resolve, 10));
      const second = log.append({ ...info, action: "second" });
      await expect(first).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      await expect(second).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      files.letGo();
      await log.append({ ...info, action: "third" });
      expect(readRecords(folder).map(({ act }) => act)).not.toContain("second");
    });
  });

  test("callers wait for room in a full queue", async () => {
    await withLog({ maxQueued: 3 }, async (log, files) => {
      files.hold();
      const appends = Array.from({ length: 20 }, async () => log.append(info));
      await new Promise((resolve) => setTimeout(resolve, 10));
      files.letGo();
      const sequences = (await Promise.all(appends)).map(({ sequence }) => sequence);
      expect([...sequences].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    });
  });
});

describe("permissive loss", () => {
  test("gives up the oldest record that only informs, counts by type, and says so on recovery", async () => {
    let now = Date.UTC(2026, 0, 1);
    const more = { failureMode: "permissive", maxSpooled: 4, clock: { now: () => now } } as const;
    await withLog(more, async (log, files, folder) => {
      files.syncError = "EIO";
      await log.append({ ...info, action: "breaks it" });
      await expect.poll(() => log.degraded).toBeInstanceOf(AuditError);
      for (const [index, outcome] of (
        ["denied", "info", "info", "denied", "denied", "denied"] as const
      ).entries()) {
        now += 1_000;
        await log.append({
          ...call,
          type: outcome === "info" ? "tool.seen" : "tool.call",
          outcome,
          action: `${index}`,
        });
      }
      expect(log.spooled).toBe(4);
      files.syncError = undefined;
      await log.reopen();
      await log.close();
      const records = readRecords(folder);
      const kept = records.filter(({ act }) => act !== undefined).map(({ act }) => act);
      expect(kept).toEqual(["0", "3", "4", "5"]);
      expect(records.find(({ type }) => type === "journal.dropped").data).toEqual({
        counts: { "tool.call": 1, "tool.seen": 2 },
        firstTs: "2026-01-01T00:00:00.000Z",
        lastTs: "2026-01-01T00:00:03.000Z",
      });
    });
  });

  test("is told for types with the names of what every object has", async () => {
    await withLog({ failureMode: "permissive", maxSpooled: 1 }, async (log, files, folder) => {
      files.syncError = "EIO";
      await log.append(info);
      await expect.poll(() => log.degraded).toBeInstanceOf(AuditError);
      for (const type of ["constructor", "constructor", "__proto__", "__proto__"])
        await log.append({ ...info, type });
      files.syncError = undefined;
      await log.reopen();
      await log.close();
      const told = readRecords(folder).find(({ type }) => type === "journal.dropped").data.counts as object;
      expect(Object.entries(told)).toEqual([
        ["constructor", 2],
        ["other", 1],
        ["tool.call", 1],
      ]);
      const { dropped } = await verifyJournal(folder, { trusted: [log.verifierKey] });
      expect(new Map(Object.entries(dropped))).toEqual(new Map(Object.entries(told)));
    });
  });

  test("is told however many types there were", async () => {
    await withLog({ failureMode: "permissive", maxSpooled: 1 }, async (log, files, folder) => {
      files.syncError = "EIO";
      await log.append(info);
      await expect.poll(() => log.degraded).toBeInstanceOf(AuditError);
      for (let index = 0; index < 2_000; index += 1)
        await log.append({ ...info, type: `tool.${"x".repeat(50)}${index}` });
      files.syncError = undefined;
      await log.reopen();
      await log.close();
      const { counts } = readRecords(folder).find(({ type }) => type === "journal.dropped").data as {
        counts: Record<string, number>;
      };
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(2_000);
      expect(counts["other"]).toBeGreaterThan(0);
    });
  });

  test("a listener that throws does not keep the log from going on", async () => {
    const onStateChange = (): void => {
      throw new Error("listener");
    };
    await withLog({ onStateChange }, async (log, files) => {
      files.syncError = "EIO";
      await expect(log.append(info)).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
      files.syncError = undefined;
      await log.reopen();
      await log.append(info);
    });
  });

  test("what was lost is told again when its record was lost too", async () => {
    await withLog({ failureMode: "permissive", maxSpooled: 1 }, async (log, files, folder) => {
      files.syncError = "EIO";
      for (const action of ["a", "b", "c"]) {
        await log.append({ ...info, action });
        await expect.poll(() => log.degraded).toBeInstanceOf(AuditError);
      }
      files.syncError = undefined;
      await log.reopen();
      files.syncError = "EIO";
      await expect.poll(() => log.degraded).toBeInstanceOf(AuditError);
      files.syncError = undefined;
      await log.reopen();
      await log.close();
      const dropped = readRecords(folder).filter(({ type }) => type === "journal.dropped");
      const total = dropped.reduce((sum, { data }) => sum + (data.counts["tool.call"] as number), 0);
      expect(total).toBe(2);
    });
  });

  test("a record that cannot be written leaves a stub with its type and the hash of the reason", async () => {
    await withLog({ failureMode: "permissive" }, async (log, _, folder) => {
      await log.append({ ...info, actor: undefined as never });
      await log.append(null as never);
      await log.close();
      const stubs = readRecords(folder).filter(({ data }) => data?.stub === true);
      expect(stubs.map(({ type, data }) => [type, data.code])).toEqual([
        ["tool.call", "AUDIT_RECORD_INVALID"],
        ["journal.stub", "AUDIT_RECORD_INVALID"],
      ]);
      expect(stubs[0].data.reason).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  test("nothing is written twice when an anchor fails while a sync is under way", async () => {
    let anchored = true;
    const anchor = (): void => {
      if (!anchored) throw new Error("anchor down");
    };
    const more = { failureMode: "permissive", anchor, maxSegmentBytes: 600 } as const;
    await withLog(more, async (log, files, folder) => {
      anchored = false;
      for (const action of ["a", "b", "c", "d"]) {
        await log.append({ ...info, action });
        await new Promise((resolve) => setTimeout(resolve, 110));
      }
      files.hold();
      await log.append({ ...info, action: "e" });
      setTimeout(() => files.letGo(), 130);
      await expect.poll(() => log.degraded).toBeInstanceOf(AuditError);
      anchored = true;
      await new Promise((resolve) => setTimeout(resolve, 150));
      await log.reopen();
      await log.close();
      const actions = readRecords(folder).flatMap(({ act }) => (act === undefined ? [] : [act as string]));
      expect(actions.toSorted()).toEqual(["a", "b", "c", "d", "e"]);
    });
  });

  test("close says when accepted records could not be kept", async () => {
    await withFolder(async (folder) => {
      const files = new FaultyFiles();
      const log = await AuditLog.open(folder, options({ failureMode: "permissive", fileSystem: files }));
      files.syncError = "EIO";
      await log.append(info);
      await expect.poll(() => log.degraded).toBeInstanceOf(AuditError);
      await expect(log.close()).rejects.toThrow(refusal("AUDIT_UNAVAILABLE"));
    });
  });
});

describe("modes", () => {
  test("a type can be strict in a permissive service, by its name or its area", async () => {
    const criticality = { "secret.*": "strict", "secret.list": "permissive" } as const;
    await withLog({ failureMode: "permissive", criticality, reserveBytes: 0 }, async (log, files) => {
      files.writeError = "EIO";
      await expect(log.append({ ...info, type: "secret.read" })).rejects.toThrow(
        refusal("AUDIT_UNAVAILABLE"),
      );
      expect((await log.append({ ...info, type: "secret.list" })).sequence).toBeLessThan(0);
      expect((await log.append(info)).sequence).toBeLessThan(0);
    });
  });

  test.each([
    ["failureMode", "lax"],
    ["criticality", { "secret.*": "lax" }],
    ["criticality", { "*": "strict" }],
    ["maxSpooled", 0],
    ["reopenDelayMs", 0.5],
    ["deadlineMs", 0],
    ["maxSegmentBytes", 0],
    ["reserveBytes", -1],
  ])("the option %s = %j is refused", async (name, value) => {
    await expect(AuditLog.open("/nowhere", options({ [name]: value }))).rejects.toThrow(new RegExp(name));
  });

  test("nothing is taken once it is closed", async () => {
    await withLog({}, async (log) => {
      await log.close();
      await expect(log.append(info)).rejects.toThrow(refusal("AUDIT_CLOSED"));
      await expect(log.checkpoint()).rejects.toThrow(refusal("AUDIT_CLOSED"));
    });
  });
});
