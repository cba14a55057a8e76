import { mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { AuditRecord } from "@symbiont/kit";
import { afterEach, expect, test, vi } from "vitest";
import { call, openLog, segments, withFolder } from "./fixtures.ts";

const DAY_MS = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
});

async function oldSegment(folder: string): Promise<string> {
  const log = openLog(folder);
  await log.complete({ ...call, outcome: "ok" }, { request: "old" });
  await log.close();
  const name = segments(folder).at(-1) as string;
  const then = new Date(Date.now() - 100 * DAY_MS);
  utimesSync(join(folder, name), then, then);
  return name;
}

test("what is old is deleted when a log is opened, when a segment is sealed, and every day", async () => {
  await withFolder(async (folder) => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const atOpening = await oldSegment(folder);
    const told: AuditRecord[] = [];
    const audit = { append: async (record: AuditRecord) => Promise.resolve({ sequence: told.push(record) }) };
    const log = openLog(folder, { retention: { retentionDays: 90 }, audit, maxSegmentBytes: 400 });
    await expect.poll(() => segments(folder)).not.toContain(atOpening);
    await expect.poll(() => told).toMatchObject([{ type: "model_log.pruned", data: { segment: atOpening } }]);

    const atSeal = await oldSegment(folder);
    for (let index = 0; index < 2; index += 1)
      await log.complete({ ...call, outcome: "ok" }, { request: "x".repeat(300) });
    await expect.poll(() => segments(folder)).not.toContain(atSeal);

    const daily = await oldSegment(folder);
    vi.advanceTimersByTime(DAY_MS);
    await expect.poll(() => segments(folder)).not.toContain(daily);
    await log.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("a log that cannot be pruned goes on, and says so", async () => {
  await withFolder(async (folder) => {
    const errors: Error[] = [];
    const audit = {
      append: async () => Promise.reject(new Error("no audit")),
    };
    await oldSegment(folder);
    const log = openLog(folder, {
      retention: { retentionDays: 1 },
      audit,
      onPruneError: (error) => {
        errors.push(error);
        throw new Error("a listener that throws");
      },
    });
    await log.complete({ ...call, outcome: "ok" }, { request: "x" });
    await expect.poll(() => errors).toMatchObject([{ code: "MODEL_LOG_UNAVAILABLE" }]);
    await log.close().catch(() => undefined);
  });
});

test.each([{ retentionDays: -1 }, { maxTotalBytes: Number.NaN }])("retention %j is refused", (retention) => {
  expect(() => openLog("/tmp", { retention })).toThrow(RangeError);
});

test("without retention nothing is deleted", async () => {
  await withFolder(async (folder) => {
    const name = await oldSegment(folder);
    mkdirSync(folder, { recursive: true });
    await openLog(folder).close();
    expect(segments(folder)).toContain(name);
  });
});
