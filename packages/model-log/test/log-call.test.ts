import { logCall } from "@symbiont/model-log";
import { describe, expect, test } from "vitest";
import { call, openLog, readAll, withFolder } from "./fixtures.ts";

type Answers = unknown[][];

async function logged(run: (log: ReturnType<typeof openLog>) => Promise<void>): Promise<Answers> {
  return withFolder(async (folder) => {
    const log = openLog(folder);
    await run(log);
    await log.close();
    return (await readAll(folder)).map(({ meta, body }) => [meta.t, meta.outcome, body]);
  });
}

describe("a wrapped call", () => {
  test("is logged with its answer and its tokens", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      const usage = (): { input: number; output: number } => ({ input: 1, output: 2 });
      expect(await logCall(log, { ...call, request: "q", usage }, () => "a")).toBe("a");
      await log.close();
      expect(await readAll(folder)).toMatchObject([
        { body: "q" },
        { meta: { outcome: "ok", usage: { input: 1, output: 2 } }, body: { response: "a" } },
      ]);
    });
  });

  test("that fails is logged with its error, which stays the caller's", async () => {
    const broken = new TypeError("bad input");
    const records = await logged(async (log) => {
      await expect(logCall(log, { ...call, request: "q" }, async () => Promise.reject(broken))).rejects.toBe(
        broken,
      );
      const abort = new DOMException("stopped", "AbortError");
      await expect(logCall(log, { ...call, request: "q" }, async () => Promise.reject(abort))).rejects.toBe(
        abort,
      );
    });
    expect(records.map(([, outcome]) => outcome)).toEqual([undefined, "error", undefined, "aborted"]);
    expect(records[1]?.[2]).toEqual({ error: { name: "TypeError", message: "bad input" } });
  });
});

const parts = ["one", "two", "three"];
const stream = (): ReadableStream<string> => ReadableStream.from<string>(parts);
async function* iterable(): AsyncGenerator<string> {
  for (const part of parts) yield await Promise.resolve(part);
}

describe.each<[string, () => AsyncIterable<string>]>([
  ["a stream", stream as () => AsyncIterable<string>],
  ["an async iterable", iterable],
])("%s", (_, make) => {
  test("reaches its reader whole, and the log at its end", async () => {
    const got: string[] = [];
    const records = await logged(async (log) => {
      for await (const part of await logCall(log, { ...call, request: "q" }, make)) got.push(part);
    });
    expect(got).toEqual(parts);
    expect(records[1]).toEqual(["res", "ok", { parts }]);
  });

  test("that its reader leaves is logged as aborted, with what there was", async () => {
    const records = await logged(async (log) => {
      for await (const _part of await logCall(log, { ...call, request: "q" }, make)) break;
    });
    expect(records[1]?.[1]).toBe("aborted");
    expect((records[1]?.[2] as { parts: string[] }).parts[0]).toBe("one");
  });

  test("is kept up to a number of parts, and says how many there were", async () => {
    const records = await logged(async (log) => {
      for await (const _part of await logCall(log, { ...call, request: "q", maxParts: 2 }, make));
    });
    expect(records[1]?.[2]).toEqual({ parts: ["one", "two"], partsTotal: 3 });
  });
});

test("a stream that breaks is logged with what there was", async () => {
  const records = await logged(async (log) => {
    const broken = new ReadableStream<string>({
      pull: (controller) => (controller.desiredSize === 1 ? controller.enqueue("one") : undefined),
      start: (controller) => void setTimeout(() => controller.error(new Error("connection lost")), 20),
    });
    const got = await logCall(log, { ...call, request: "q" }, () => broken);
    await expect(
      (async () => {
        for await (const _part of got) await new Promise((go) => setTimeout(go, 30));
      })(),
    ).rejects.toThrow("connection lost");
  });
  expect(records[1]?.[1]).toBe("error");
});
