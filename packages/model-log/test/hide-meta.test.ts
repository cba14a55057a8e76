import { describe, expect, test } from "vitest";
import { call, everything, openLog, readAll, withFolder, wrappedKeys } from "./fixtures.ts";

describe("hidden meta data", () => {
  test("is sealed with the body, and there again for whoever reads", async () => {
    await withFolder(async (folder) => {
      const log = openLog(folder, { hideMeta: ["agent", "model", "usage", "code"] });
      const logged = await log.request(call, { prompt: "Hi" });
      await logged.answer({ outcome: "error", usage: { input: 31_337, output: 2 }, code: "E_HIDDEN" });
      await log.close();
      expect(everything(folder)).not.toMatch(/agent-1|model-1|31337|E_HIDDEN/);
      expect(everything(folder)).toContain('"kind":"completion"');
      expect(await readAll(folder)).toMatchObject([
        { meta: { t: "req", agent: "agent-1", model: "model-1", hidden: true }, body: { prompt: "Hi" } },
        { meta: { t: "res", usage: { input: 31_337, output: 2 }, code: "E_HIDDEN" }, body: undefined },
      ]);
      expect(await readAll(folder, wrappedKeys(), { agent: "agent-1" })).toHaveLength(1);
      expect(await readAll(folder, wrappedKeys(), { agent: "agent-2" })).toHaveLength(0);
    });
  });

  test("is kept when the content is not, when it is cut, and when it cannot be redacted", async () => {
    const redactor = {
      redact: () => {
        throw new Error("broken");
      },
    };
    for (const more of [{ content: "none" as const }, { maxEntryBytes: 256 }, { redactor }]) {
      await withFolder(async (folder) => {
        const log = openLog(folder, { hideMeta: ["agent"], ...more });
        await log.complete({ ...call, outcome: "ok" }, { request: "x".repeat(1_000) });
        await log.close();
        const [record] = await readAll(folder);
        expect(everything(folder)).not.toContain("agent-1");
        expect(record?.meta).toMatchObject({ agent: "agent-1", model: "model-1" });
      });
    }
  });

  test.each(["id", "t", "seq", "outcome", "__proto__"])("%s cannot be hidden", (name) => {
    expect(() => openLog("/tmp", { hideMeta: [name as never] })).toThrow(RangeError);
  });
});
