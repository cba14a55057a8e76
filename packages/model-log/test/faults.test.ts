import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { verifyModelLog } from "@symbiont/model-log";
import { describe, expect, test } from "vitest";
import { FaultyFiles } from "../../../scripts/testing/faulty-files.ts";
import { call, openLog, readAll, refusal, segments, withFolder, wrappedKeys } from "./fixtures.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const faults: [string, (files: FaultyFiles) => void][] = [
  ["ENOSPC", (files) => (files.writeError = "ENOSPC")],
  ["EIO", (files) => (files.writeError = "EIO")],
  ["EACCES", (files) => (files.writeError = "EACCES")],
  ["a failed sync", (files) => (files.syncError = "EIO")],
  ["a short write", (files) => (files.shortWrite = 10)],
];

describe.each(faults)("%s", (_, fault) => {
  test("strict: the call is refused, and later ones go into a new segment", async () => {
    await withFolder(async (folder) => {
      const files = new FaultyFiles();
      const log = openLog(folder, { fileSystem: files });
      await log.request(call, "before");
      fault(files);
      await expect(log.request(call, "lost")).rejects.toThrow(refusal("MODEL_LOG_UNAVAILABLE"));
      Object.assign(files, { writeError: undefined, syncError: undefined });
      await log.request(call, "after");
      await log.close();
      expect(segments(folder).length).toBeGreaterThan(1);
      const reports = await verifyModelLog(folder, { keys: wrappedKeys() });
      expect(reports.map(({ fault: found }) => found)).toEqual(reports.map(() => undefined));
      expect((await readAll(folder)).map(({ body }) => body)).toEqual(
        expect.arrayContaining(["before", "after"]),
      );
    });
  });

  test("permissive: the call goes on, and what was lost is counted and on record", async () => {
    await withFolder(async (folder) => {
      const files = new FaultyFiles();
      const lost: Error[] = [];
      const log = openLog(folder, {
        fileSystem: files,
        failureMode: "permissive",
        onLoss: (error) => void lost.push(error),
      });
      await log.request(call, "before");
      await expect.poll(async () => (await readAll(folder)).length).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 300)); // it is durable by now
      fault(files);
      await log.request(call, "lost");
      await expect.poll(() => lost.length).toBe(1);
      expect(log.dropped).toBe(1);
      Object.assign(files, { writeError: undefined, syncError: undefined });
      await log.request(call, "after");
      await log.close();
      expect(log.dropped).toBe(0);
      const reports = await verifyModelLog(folder, { keys: wrappedKeys() });
      expect(reports.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(1);
    });
  });
});

test("a full queue makes strict callers wait, and drops and counts permissive records", async () => {
  await withFolder(async (folder) => {
    const strict = openLog(folder, { maxQueued: 2 });
    await Promise.all(Array.from({ length: 20 }, async (_, index) => strict.request(call, index)));
    await strict.close();
    expect(await readAll(folder)).toHaveLength(20);
  });
  await withFolder(async (folder) => {
    const log = openLog(folder, { maxQueued: 2, failureMode: "permissive" });
    await Promise.all(Array.from({ length: 20 }, async (_, index) => log.request(call, index)));
    await log.close();
    const kept = (await readAll(folder)).length;
    const [report] = await verifyModelLog(folder, { keys: wrappedKeys() });
    expect(report?.dropped).toBe(20 - kept);
    expect(kept).toBeLessThan(20);
  });
});

test("a directory that is removed refuses calls", async () => {
  await withFolder(async (folder) => {
    const log = openLog(join(folder, "log"));
    await log.request(call, "before");
    rmSync(join(folder, "log"), { recursive: true });
    await expect(log.request(call, "after")).rejects.toThrow(refusal("MODEL_LOG_UNAVAILABLE"));
    await log.close().catch(() => undefined);
  });
});

test("a clock that goes back makes no name twice, and keeps fresh segments from being pruned", async () => {
  await withFolder(async (folder) => {
    let now = Date.UTC(2030, 0, 1);
    const log = openLog(folder, { clock: { now: () => now }, maxSegmentBytes: 1 });
    for (let count = 0; count < 5; count += 1) {
      await log.request(call, count);
      now -= count % 2 === 0 ? 1_000 : -1_000;
    }
    now = Date.now();
    expect(await log.prune({ retentionDays: 1 })).toEqual([]);
    await log.close();
    expect(segments(folder)).toHaveLength(5);
  });
});

test("a copy that log rotation cut to nothing is noticed, and the next record begins a new segment", async () => {
  await withFolder(async (folder) => {
    const log = openLog(folder);
    await log.request(call, "before");
    const path = join(folder, segments(folder)[0] as string);
    const bytes = readFileSync(path);
    writeFileSync(path, "");
    await expect(log.request(call, "refused")).rejects.toThrow(refusal("MODEL_LOG_UNAVAILABLE"));
    writeFileSync(path, bytes);
    await log.request(call, "after");
    await log.close();
    expect((await readAll(folder)).map(({ body }) => body)).toEqual(["before", "after"]);
  });
});

test("a writer killed with SIGKILL loses no acknowledged record, and every restart is clean", async () => {
  await withFolder(async (folder) => {
    for (let round = 0; round < 4; round += 1) {
      const before = round === 0 ? 0 : (await readAll(folder)).length;
      const acknowledged = await killedWriter(folder);
      const bodies = (await readAll(folder))
        .slice(before)
        .map(({ body }) => (body as { request: number }).request);
      expect(bodies.slice(0, acknowledged)).toEqual(
        Array.from({ length: acknowledged }, (_, index) => index),
      );
      const reports = await verifyModelLog(folder, { keys: wrappedKeys() });
      expect(reports.filter(({ fault }) => fault !== undefined)).toEqual([]);
    }
  });
}, 90_000);

async function killedWriter(folder: string): Promise<number> {
  const child = "packages/model-log/test/fixtures/children/write-until-killed.ts";
  const args = ["-C", "@symbiont/source", "--import", "./scripts/ts.mjs", child, folder];
  const writer = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  writer.stdout.on("data", (chunk: Buffer) => {
    if (output === "") setTimeout(() => writer.kill("SIGKILL"), 40 + Math.random() * 80);
    output += chunk.toString();
  });
  await once(writer, "close");
  return output.split("\n").length - 1;
}
