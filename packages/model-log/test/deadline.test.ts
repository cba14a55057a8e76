import { randomUUID } from "node:crypto";
import { ModelLog, verifyModelLog } from "@symbiont/model-log";
import { expect, test } from "vitest";
import { FaultyFiles } from "../../../scripts/testing/faulty-files.ts";
import { call, openLog, readAll, refusal, withFolder, wrappedKeys } from "./fixtures.ts";

const late = refusal("MODEL_LOG_UNAVAILABLE");

test("a disk that hangs keeps no strict caller waiting, whether written, queued or without room", async () => {
  await withFolder(async (folder) => {
    const files = new FaultyFiles();
    const log = openLog(folder, { fileSystem: files, deadlineMs: 2_500, maxQueued: 2 });
    await log.request(call, "before");
    files.hold();
    const bodies = Array.from({ length: 8 }, (_, index) => `late ${index}`);
    const results = await Promise.allSettled(bodies.map(async (body) => log.request(call, body)));
    for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: late });
    await expect(log.request(call, "later still")).rejects.toThrow(late);
    files.letGo();
    // The disk is back: what is asked for now is kept, in its order.
    await untilKept(log);
    await log.close();
    const read = (await readAll(folder)).filter(({ meta }) => meta.t !== "late").map(({ body }) => body);
    expect(read[0]).toBe("before");
    expect(read.at(-1)).toBe("after");
    // Of those who were told that they are not kept, only what was being written is there.
    expect(read.filter((body) => body !== "before" && body !== "after").length).toBeLessThan(bodies.length);
    for (const report of await verifyModelLog(folder, { keys: wrappedKeys() }))
      expect(report.fault).toBeUndefined();
  });
});

test("what was acknowledged before the disk hung is there when it never comes back", async () => {
  await withFolder(async (folder) => {
    const files = new FaultyFiles();
    const log = openLog(folder, { fileSystem: files, deadlineMs: 2_500 });
    const kept = Array.from({ length: 20 }, () => randomUUID());
    await Promise.all(kept.map(async (body) => log.request(call, body)));
    files.hold();
    await expect(log.request(call, "lost")).rejects.toThrow(late);
    await expect(log.close()).rejects.toThrow(late);
    const read = (await readAll(folder)).map(({ body }) => body);
    expect(read).toEqual(expect.arrayContaining(kept));
    files.letGo();
  });
});

/** Until the log takes records in time again. */
async function untilKept(log: ReturnType<typeof openLog>): Promise<void> {
  const tryOnce = async (): Promise<string> =>
    log.request(call, "after").then(
      () => "kept",
      () => "late",
    );
  await expect.poll(tryOnce).toBe("kept");
}

test("what was written too late says so: its caller was told that it is not kept", async () => {
  await withFolder(async (folder) => {
    const files = new FaultyFiles();
    const log = openLog(folder, { fileSystem: files, deadlineMs: 400 });
    const before = await log.request(call, "before");
    files.hold();
    const [first] = await Promise.allSettled([log.request(call, "late"), before.answer({ outcome: "ok" })]);
    expect(first).toMatchObject({ status: "rejected", reason: late });
    files.letGo();
    await untilKept(log);
    await log.close();
    const records = await readAll(folder);
    const written = records.find(({ body }) => body === "late");
    const marks = records.filter(({ meta }) => meta.t === "late");
    expect(marks.map(({ meta }) => [meta.id, meta.of, meta.agent])).toEqual([
      [written?.meta.id, "req", "agent-1"],
      [before.id, "res", undefined],
    ]);
    const [report] = await verifyModelLog(folder, { keys: wrappedKeys() });
    // The call that was not made waits for no answer; that of the record after it is still open.
    expect(report).toMatchObject({ late: 2, unanswered: 1, sealed: true });
    expect(report?.fault).toBeUndefined();
  });
});

test("what was never written has no mark", async () => {
  await withFolder(async (folder) => {
    const files = new FaultyFiles();
    const log = openLog(folder, { fileSystem: files, deadlineMs: 400 });
    await log.request(call, "before");
    files.hold();
    const writing = log.request(call, "written").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const queued = Array.from({ length: 5 }, async (_, index) => log.request(call, `queued ${index}`));
    expect((await Promise.allSettled(queued)).map(({ status }) => status)).toEqual(Array(5).fill("rejected"));
    await writing;
    files.letGo();
    await untilKept(log);
    await log.close();
    const records = await readAll(folder);
    const ids = new Set(records.filter(({ meta }) => meta.t === "req").map(({ meta }) => meta.id));
    for (const { meta } of records.filter(({ meta: { t } }) => t === "late")) expect(ids).toContain(meta.id);
    expect(records.some(({ body }) => typeof body === "string" && body.startsWith("queued"))).toBe(false);
  });
});

test("a vault that hangs keeps nobody waiting either", async () => {
  await withFolder(async (folder) => {
    const never = async (): Promise<never> => new Promise<never>(() => undefined);
    const keys = { kind: "vaulted", prefix: "model-log", vault: { get: never, set: never, delete: never } };
    const log = ModelLog.open(folder, { keys: keys as never, redactor: "none", deadlineMs: 50 });
    await expect(log.request({ ...call, subject: "s-1" }, "x")).rejects.toThrow(late);
    await expect(log.request(call, "x")).rejects.toThrow(late);
    await expect(log.close()).rejects.toThrow(late);
  });
});

test.each([0, -1, Number.NaN, 2 ** 31])("a deadline of %s is refused", (deadlineMs) => {
  expect(() => openLog("/nowhere", { deadlineMs })).toThrow(RangeError);
});
