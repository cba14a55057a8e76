import { readFileSync } from "node:fs";
import { migrateSymbiontLog, readSymbiontLog, type SymbiontEnvelope } from "@symbiont/model-log/symbiont";
import { describe, expect, test } from "vitest";
import { openSymbiontEnvelope } from "./conformance.ts";
import { everything, openLog, readAll, refusal, withFolder } from "./fixtures.ts";

const data = JSON.parse(
  readFileSync(new URL("./vectors/secrets/symbiont-model-log.json", import.meta.url), "utf8"),
) as { lines: string[]; password: string; decrypted: { request: string; response: string } };
const text = `${data.lines.join("\n")}\n`;
const open = async (envelope: SymbiontEnvelope): Promise<string> =>
  openSymbiontEnvelope(envelope as Record<string, string>, data.password);

describe("a model log of Symbiont", () => {
  test("becomes records of ours, with what stood in the clear sealed", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      const told: [number, number][] = [];
      const onProgress = (done: number, total: number): void => void told.push([done, total]);
      expect(await migrateSymbiontLog(readSymbiontLog(text, open), log, { onProgress })).toBe(2);
      await log.close();
      expect(told).toEqual([
        [1, 2],
        [2, 2],
      ]);
      const records = await readAll(folder);
      expect(records).toHaveLength(2);
      for (const { meta, body } of records) {
        expect(meta).toMatchObject({ t: "full", agent: "5f0c5d1e-6d0b-4a57-9f0e-0d6f4d6a9b11" });
        expect(body).toMatchObject({
          request: JSON.parse(data.decrypted.request),
          response: JSON.parse(data.decrypted.response),
          symbiont: { id: expect.any(String), timestamp: expect.any(String) },
        });
      }
      expect(everything(folder)).not.toContain("interaction_type");
    });
  });

  test("that another password opens is refused with the entry, and one of an unknown kind too", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder);
      const wrong = readSymbiontLog(text, async (envelope) =>
        openSymbiontEnvelope(envelope as never, "another"),
      );
      await expect(migrateSymbiontLog(wrong, log)).rejects.toMatchObject({
        code: "MODEL_LOG_KEY_MISSING",
        record: 0,
      });
      const [line = ""] = data.lines;
      const entry = { ...(JSON.parse(line) as object), interaction_type: "Dream" };
      const unknown = readSymbiontLog(`${JSON.stringify(entry)}\n`, open);
      await expect(migrateSymbiontLog(unknown, log)).rejects.toThrow(refusal("MODEL_LOG_FORMAT_INVALID"));
      await log.close();
    });
  });

  test.each([
    [{ error: "it broke with a secret" }, true, "error"],
    [{}, true, "ok"],
    [{}, false, "aborted"],
  ])(
    "%j, answered %s: %s, and the error's text stands nowhere in the clear",
    async (more, answered, outcome) => {
      await withFolder(async (folder) => {
        const log = openLog(folder);
        const clear = {
          id: "1",
          interaction_type: "ToolCall",
          agent_id: "a",
          token_usage: { input_tokens: 1, output_tokens: 2 },
          ...more,
        };
        const request = async () => Promise.resolve({ prompt: "Hi" });
        const entry = { clear, request, response: answered ? request : undefined };
        await migrateSymbiontLog({ entries: [entry], torn: false }, log);
        await log.close();
        expect(everything(folder)).not.toContain("a secret");
        expect(await readAll(folder)).toMatchObject([
          {
            meta: { kind: "tool_call", outcome, usage: { input: 1, output: 2 } },
            body: { symbiont: { id: "1" } },
          },
        ]);
      });
    },
  );
});
