import { statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { AuditRecord } from "@symbiont/kit";
import { ModelLogError, verifyModelLog } from "@symbiont/model-log";
import { describe, expect, test } from "vitest";
import {
  call,
  everything,
  MemoryVault,
  openLog,
  readAll,
  refusal,
  segments,
  withFolder,
  wrappedKeys,
} from "./fixtures.ts";

describe("a model log", () => {
  test("keeps request and answer, and gives them back to who has the key", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      const logged = await log.request(call, { prompt: "hello ✓" });
      await logged.answer({ outcome: "ok", usage: { input: 3, output: 5 } }, { content: "world" });
      await logged.answer({ outcome: "error" }, "only the first answer counts");
      const id = await log.complete(
        { ...call, kind: "tool_call", outcome: "denied", code: "NO" },
        { request: 1 },
      );
      await log.close();
      const records = await readAll(folder);
      expect(records.map(({ meta, body }) => [meta.t, meta.id, meta.outcome, body])).toEqual([
        ["req", logged.id, undefined, { prompt: "hello ✓" }],
        ["res", logged.id, "ok", { content: "world" }],
        ["full", id, "denied", { request: 1 }],
      ]);
      expect(records[1]?.meta).toMatchObject({
        usage: { input: 3, output: 5 },
        latency_ms: expect.any(Number),
      });
      expect(everything(folder)).not.toContain("hello");
      expect(await verifyModelLog(folder, { keys: wrappedKeys() })).toMatchObject([
        { sealed: true, unanswered: 0 },
      ]);
    });
  });

  test("keeps files to the owner, and its meta data is readable as JSON lines", async () => {
    await withFolder(async (folder) => {
      const log = openLog(join(folder, "log"));
      await log.request(call, "x");
      await log.close();
      const [name = ""] = segments(join(folder, "log"));
      expect(statSync(join(folder, "log")).mode & 0o077).toBe(0);
      expect(statSync(join(folder, "log", name)).mode & 0o077).toBe(0);
      const metas = everything(join(folder, "log"))
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line.split("\t")[0] ?? ""));
      expect(metas.map(({ t, fmt }) => t ?? fmt)).toEqual(["model-log/1", "req", "seal"]);
    });
  });

  test("logs a call that nobody answered as aborted when it goes out of scope", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      const logged = await log.request(call, "x");
      await logged[Symbol.asyncDispose]();
      await log.close();
      expect((await readAll(folder)).map(({ meta }) => meta.outcome)).toEqual([undefined, "aborted"]);
    });
  });

  test("keeps no content when it is told so", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder, { content: "none" });
      await log.complete({ ...call, outcome: "ok" }, { request: "secret" });
      await log.close();
      expect((await readAll(folder)).map(({ body }) => body)).toEqual([undefined]);
    });
  });

  test("seals segments at their size, at midnight, and tells the audit sink", async () => {
    await withFolder(async (folder) => {
      let now = Date.UTC(2026, 0, 1, 23, 59, 59);
      const told: AuditRecord[] = [];
      const audit = {
        append: async (record: AuditRecord) => Promise.resolve({ sequence: told.push(record) }),
      };
      const log = openLog(folder, { clock: { now: () => now }, audit, maxSegmentBytes: 2_000 });
      await log.request(call, "before midnight");
      now += 2_000;
      await log.request(call, "after midnight");
      await log.request(call, "x".repeat(3_000));
      await log.request(call, "in the third");
      await log.close();
      expect(segments(folder)).toHaveLength(3);
      const reports = await verifyModelLog(folder, { keys: wrappedKeys() });
      expect(reports.map(({ sealed }) => sealed)).toEqual([true, true, true]);
      expect(told.map(({ type, data }) => [type, data?.["records"]])).toEqual([
        ["model_log.sealed", 2],
        ["model_log.sealed", 3],
        ["model_log.sealed", 2],
      ]);
    });
  });

  test("is read with filters", async () => {
    await withFolder(async (folder) => {
      let now = 1_000;
      const log = openLog(folder, { clock: { now: () => now } });
      for (const [agent, model] of [
        ["a", "m1"],
        ["b", "m1"],
        ["a", "m2"],
      ] as const) {
        await log.complete(
          { kind: "completion", agent, model, outcome: agent === "a" ? "ok" : "error" },
          { request: model },
        );
        now += 1_000;
      }
      await log.close();
      const count = async (filter: Parameters<typeof readAll>[2]): Promise<number> =>
        (await readAll(folder, wrappedKeys(), filter)).length;
      expect(await count({ agent: "a" })).toBe(2);
      expect(await count({ agent: "a", model: "m2" })).toBe(1);
      expect(await count({ outcome: "error" })).toBe(1);
      expect(await count({ kind: "tool_call" })).toBe(0);
      expect(await count({ fromMs: 2_000, untilMs: 3_000 })).toBe(1);
      expect(await count({ id: "none" })).toBe(0);
    });
  });

  test.each<[string, object]>([
    ["a kind that is none", { kind: "chat" }],
    ["no agent", { agent: undefined }],
    ["a long model name", { model: "m".repeat(300) }],
    ["a lone surrogate", { agent: "\ud800" }],
  ])("refuses meta data with %s", async (_, more) => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      await expect(log.request({ ...call, ...more }, "x")).rejects.toThrow(refusal("MODEL_LOG_META_INVALID"));
      await expect(log.complete({ ...call, outcome: "fine" as never }, { request: 1 })).rejects.toThrow(
        refusal("MODEL_LOG_META_INVALID"),
      );
      await log.close();
      await expect(log.request(call, "x")).rejects.toThrow(refusal("MODEL_LOG_CLOSED"));
    });
  });

  test.each([
    ["redactor", undefined],
    ["keys", {}],
    ["content", "plain"],
    ["failureMode", "lax"],
    ["maxEntryBytes", 10],
    ["maxQueued", 0],
    ["maxSegmentMs", -1],
  ])("refuses the option %s = %j", (name, value) => {
    expect(() => openLog("/nowhere", { [name]: value })).toThrow(new RegExp(name));
  });
});

describe("bodies", () => {
  test("are redacted before they are sealed, and never kept when that fails", async () => {
    await withFolder(async (folder) => {
      let fails = false;
      const redactor = {
        redact: (value: unknown) => {
          if (fails) throw new Error("cannot");
          return JSON.parse(JSON.stringify(value).replaceAll("hunter2", "[redacted]"));
        },
      };
      const log = openLog(folder, { redactor });
      await log.request(call, { prompt: "my password is hunter2" });
      fails = true;
      await log.request(call, { prompt: "my password is hunter2" });
      await log.close();
      const records = await readAll(folder);
      expect(records.map(({ body }) => body)).toEqual([
        { prompt: "my password is [redacted]" },
        { redaction: "failed" },
      ]);
      expect(records[1]?.meta.redacted).toBe("failed");
    });
  });

  test.each<[string, unknown]>([
    ["a bigint", { n: 1n }],
    [
      "a cycle",
      (() => {
        const cycle: Record<string, unknown> = {};
        cycle["self"] = cycle;
        return cycle;
      })(),
    ],
  ])("that are no JSON are not kept: %s", async (_, body) => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      await log.request(call, body);
      await log.close();
      expect((await readAll(folder))[0]?.body).toEqual({ redaction: "failed" });
    });
  });

  test("that are too long lose their middle, with their length and a keyed hash", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder, { maxEntryBytes: 1_000 });
      const body = `begin ${"x\n".repeat(5_000)} end`;
      await log.request(call, body);
      await log.request(call, body);
      await log.close();
      const [first, second] = await readAll(folder);
      const kept = first?.body as { head: string; tail: string };
      expect(kept.head).toMatch(/^"begin x/);
      expect(kept.tail).toMatch(/ end"$/);
      expect(first?.meta.trunc).toEqual({
        bytes: JSON.stringify(body).length,
        hmac: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(first?.meta.trunc).toEqual(second?.meta.trunc);
    });
  });
});

describe("keys", () => {
  test("that are vaulted make a segment unreadable when they are deleted", async () => {
    await withFolder(async (folder) => {
      const vault = new MemoryVault();
      const keys = { kind: "vaulted", vault } as const;
      const log = openLog(folder, { keys });
      await log.request(call, "x");
      await log.close();
      expect(await readAll(folder, keys)).toHaveLength(1);
      vault.secrets.clear();
      await expect(readAll(folder, keys)).rejects.toThrow(refusal("MODEL_LOG_KEY_MISSING"));
    });
  });

  test("of one person can be destroyed, and the others' records stay", async () => {
    await withFolder(async (folder) => {
      const vault = new MemoryVault();
      const keys = { kind: "vaulted", vault } as const;
      const log = openLog(folder, { keys });
      for (const subject of ["ada@example.org", "bob@example.org", "ada@example.org"])
        await log.complete({ ...call, subject, outcome: "ok" }, { request: subject });
      expect(await log.forget("ada@example.org")).toBe(true);
      expect(await log.forget("nobody")).toBe(false);
      await log.close();
      const records = await readAll(folder, keys);
      expect(records.map(({ body, forgotten }) => [body, forgotten])).toEqual([
        [undefined, true],
        [{ request: "bob@example.org" }, undefined],
        [undefined, true],
      ]);
      expect(everything(folder)).not.toContain("example.org");
      expect(await verifyModelLog(folder, { keys })).toMatchObject([{ forgotten: 2, sealed: true }]);
    });
  });

  test("of a person are not made anew when the vault cannot be asked", async () => {
    await withFolder(async (folder) => {
      const vault = new MemoryVault();
      const keys = { kind: "vaulted", vault } as const;
      const log = openLog(folder, { keys });
      await log.complete({ ...call, subject: "ada", outcome: "ok" }, { request: 1 });
      const before = new Map(vault.secrets);
      const again = openLog(folder, { keys });
      vault.down = true;
      await expect(
        again.complete({ ...call, subject: "ada", outcome: "ok" }, { request: 1 }),
      ).rejects.toThrow(ModelLogError);
      vault.down = false;
      await log.close();
      expect(vault.secrets).toEqual(before);
    });
  });

  test("other than the right one are told from a changed file", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      await log.request(call, "x");
      await log.close();
      await expect(readAll(folder, wrappedKeys(new Uint8Array(32).fill(6)))).rejects.toThrow(
        refusal("MODEL_LOG_WRONG_KEY"),
      );
      const vaulted = { kind: "vaulted", vault: new MemoryVault() } as const;
      await expect(readAll(folder, vaulted)).rejects.toThrow(refusal("MODEL_LOG_WRONG_KEY"));
    });
  });
});

describe("retention", () => {
  test("deletes old segments and their keys, but none on hold and not the one being written", async () => {
    await withFolder(async (folder) => {
      const vault = new MemoryVault();
      let now = Date.UTC(2026, 0, 1);
      const log = openLog(folder, {
        keys: { kind: "vaulted", vault },
        clock: { now: () => now },
        maxSegmentBytes: 100,
      });
      for (let day = 0; day < 5; day += 1) {
        await log.request(call, `day ${day}`);
        const newest = segments(folder).at(-1) as string;
        utimesSync(join(folder, newest), now / 1_000, now / 1_000);
        now += 86_400_000;
      }
      for (const name of segments(folder))
        utimesSync(join(folder, name), Date.UTC(2026, 0, 1) / 1_000, Date.UTC(2026, 0, 1) / 1_000);
      const [first = ""] = segments(folder);
      const dry = await log.prune({ retentionDays: 3, legalHold: [first], dryRun: true });
      expect(segments(folder)).toHaveLength(5);
      const pruned = await log.prune({ retentionDays: 3, legalHold: [first] });
      expect(pruned).toEqual(dry);
      expect(pruned).toHaveLength(3);
      expect(segments(folder)).toHaveLength(2);
      expect(vault.secrets.size).toBe(2);
      await log.prune({ maxTotalBytes: 0 });
      expect(segments(folder)).toHaveLength(1);
      now = Date.now();
      const other = openLog(folder, { keys: { kind: "vaulted", vault } });
      await other.request(call, "another process is writing this");
      const written = segments(folder).at(-1) as string;
      await log.prune({ maxTotalBytes: 0 });
      expect(segments(folder)).toContain(written);
      await other.close();
      await log.prune({ maxTotalBytes: 0 });
      expect(segments(folder)).not.toContain(written);
      await expect(log.prune({ retentionDays: -1 })).rejects.toThrow();
      await log.close();
    });
  });
});
