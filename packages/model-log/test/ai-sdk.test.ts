import { loggingMiddleware } from "@symbiont/model-log/ai-sdk";
import { generateText, streamText, wrapLanguageModel } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, test } from "vitest";
import { openLog, readAll, withFolder } from "./fixtures.ts";
import { finishReason, streamParts, usage } from "./model-answer.ts";

function model(fails = false): MockLanguageModelV4 {
  return new MockLanguageModelV4({
    modelId: "mock-1",
    doGenerate: async () => {
      if (fails) throw new Error("the provider is down");
      return Promise.resolve({
        content: [{ type: "text", text: "Hello" }],
        finishReason,
        usage,
        warnings: [],
      });
    },
    doStream: async () => Promise.resolve({ stream: ReadableStream.from(streamParts) as ReadableStream }),
  });
}

async function withModel(
  run: (wrapped: ReturnType<typeof wrapLanguageModel>) => Promise<void>,
  fails = false,
): Promise<Awaited<ReturnType<typeof readAll>>> {
  return withFolder(async (folder) => {
    const log = openLog(folder);
    const middleware = loggingMiddleware("v4", { log, agent: "agent-1" });
    await run(wrapLanguageModel({ model: model(fails), middleware }));
    await log.close();
    return readAll(folder);
  });
}

describe("a model of the AI SDK", () => {
  test("has its generated answers logged", async () => {
    const records = await withModel(async (wrapped) => {
      expect((await generateText({ model: wrapped, prompt: "Hi" })).text).toBe("Hello");
    });
    expect(records.map(({ meta }) => meta)).toMatchObject([
      { t: "req", agent: "agent-1", model: "mock-1", kind: "completion" },
      { t: "res", outcome: "ok", usage: { input: 3, output: 10 } },
    ]);
    expect(JSON.stringify(records[0]?.body)).toContain("Hi");
    expect(records[1]?.body).toMatchObject({ content: [{ type: "text", text: "Hello" }] });
  });

  test("has its streams logged, the text in one piece", async () => {
    const records = await withModel(async (wrapped) => {
      expect(await streamText({ model: wrapped, prompt: "Hi" }).text).toBe("Hello, world");
    });
    expect(records[1]).toMatchObject({
      meta: { outcome: "ok", usage: { input: 3, output: 10 } },
      body: { text: "Hello, world" },
    });
  });

  test("has a stream that its reader leaves logged as aborted", async () => {
    const records = await withModel(async (wrapped) => {
      const { stream } = await (wrapped as unknown as MockLanguageModelV4).doStream({ prompt: [] });
      const reader = stream.getReader();
      await reader.read();
      await reader.cancel();
    });
    expect(records[1]?.meta.outcome).toBe("aborted");
  });

  test("has its failures logged, and they stay the caller's", async () => {
    const records = await withModel(async (wrapped) => {
      await expect(generateText({ model: wrapped, prompt: "Hi", maxRetries: 0 })).rejects.toThrow(
        "the provider is down",
      );
    }, true);
    expect(records[1]).toMatchObject({
      meta: { outcome: "error" },
      body: { error: { message: "the provider is down" } },
    });
  });

  test("is not asked when its request cannot be logged", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      await log.close();
      const inner = model();
      const middleware = loggingMiddleware("v4", { log, agent: () => "agent-1", subject: () => undefined });
      const wrapped = wrapLanguageModel({ model: inner, middleware });
      await expect(generateText({ model: wrapped, prompt: "Hi", maxRetries: 0 })).rejects.toThrow("closed");
      expect(inner.doGenerateCalls).toEqual([]);
    });
  });
});
