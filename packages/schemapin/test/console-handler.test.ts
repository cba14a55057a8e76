import { PassThrough } from "node:stream";
import type { PinQuestion } from "@symbiont/schemapin";
import { createConsoleHandler } from "@symbiont/schemapin/console";
import { describe, expect, test } from "vitest";

const question: PinQuestion = {
  prompt: "key_change",
  kind: "tool",
  domain: "tools.example.com",
  subject: "files/read_file",
  newKey: { fingerprint: "sha256:new", developerName: "Example" },
  currentKey: { fingerprint: "sha256:old" },
  digest: "sha256:d",
  diff: Array.from(
    { length: 22 },
    (_, index) => ({ kind: "added", path: `/p${index}`, after: "1" }) as const,
  ),
  evidence: { revocation: "not_revoked" },
};

function terminal(isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  return { input, output, handler: createConsoleHandler({ input, output, by: "alice" }) };
}

describe("the console", () => {
  test.each([
    ["a", "accept"],
    ["r", "reject"],
    ["T", "always_trust"],
    ["n", "never_trust"],
    [" o ", "temporary_accept"],
    ["", "reject"],
    ["yes", "reject"],
    ["__proto__", "reject"],
  ])("takes %j as %s", async (typed, choice) => {
    const { input, output, handler } = terminal();
    const answer = handler.decide(question, new AbortController().signal);
    input.write(`${typed}\n`);
    expect(await answer).toEqual({ choice, by: "alice" });
    const shown = String(output.read());
    for (const part of ["sha256:new", "sha256:old", "files/read_file", "/p0", "and 2 more"]) {
      expect(shown).toContain(part);
    }
  });

  test("says no where there is no terminal, and when it is too late", async () => {
    const { handler } = terminal(false);
    expect(await handler.decide(question, new AbortController().signal)).toEqual({ choice: "reject" });
    const late = terminal().handler;
    expect(await late.decide(question, AbortSignal.abort())).toEqual({ choice: "reject" });
  });

  test("asks one question at a time, and the next after one that was given up", async () => {
    const { input, handler } = terminal();
    const first = new AbortController();
    const given = handler.decide(question, first.signal);
    const next = handler.decide(question, new AbortController().signal);
    await new Promise((resolve) => setTimeout(resolve, 10));
    first.abort();
    await expect(given).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 10));
    input.write("a\n");
    expect(await next).toMatchObject({ choice: "accept" });
  });
});
