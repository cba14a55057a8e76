import { loggingMiddleware } from "@symbiont/model-log/ai-sdk";
import { generateText, streamText, wrapLanguageModel } from "ai-v6";
import { MockLanguageModelV3 } from "ai-v6/test";
import { describe, expect, test } from "vitest";
import { openLog, readAll, withFolder } from "./fixtures.ts";
import { finishReason, streamParts, usage } from "./model-answer.ts";

const model = (): MockLanguageModelV3 =>
  new MockLanguageModelV3({
    modelId: "mock-1",
    doGenerate: async () =>
      Promise.resolve({ content: [{ type: "text", text: "Hello" }], finishReason, usage, warnings: [] }),
    doStream: async () => Promise.resolve({ stream: ReadableStream.from(streamParts) as ReadableStream }),
  });

describe("a model of the AI SDK, version 6", () => {
  test("has its answers logged, generated and streamed", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      const middleware = loggingMiddleware("v3", { log, agent: "agent-1" });
      const wrapped = wrapLanguageModel({ model: model(), middleware });
      expect((await generateText({ model: wrapped, prompt: "Hi" })).text).toBe("Hello");
      expect(await streamText({ model: wrapped, prompt: "Hi" }).text).toBe("Hello, world");
      await log.close();
      expect(await readAll(folder)).toMatchObject([
        { meta: { t: "req", agent: "agent-1", model: "mock-1" } },
        {
          meta: { t: "res", outcome: "ok", usage: { input: 3, output: 10 } },
          body: { content: [{ text: "Hello" }] },
        },
        { meta: { t: "req" } },
        {
          meta: { t: "res", outcome: "ok", usage: { input: 3, output: 10 } },
          body: { text: "Hello, world" },
        },
      ]);
    });
  });

  test("is not asked when its request cannot be logged", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      await log.close();
      const inner = model();
      const wrapped = wrapLanguageModel({
        model: inner,
        middleware: loggingMiddleware("v3", { log, agent: "a" }),
      });
      await expect(generateText({ model: wrapped, prompt: "Hi", maxRetries: 0 })).rejects.toThrow("closed");
      expect(inner.doGenerateCalls).toEqual([]);
    });
  });
});
