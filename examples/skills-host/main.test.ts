import { expect, test } from "vitest";
import { main } from "./main.ts";

test("what is signed and clean is loaded, and its script runs on what was verified", async () => {
  const lines: string[] = [];
  await main((line) => lines.push(line));
  expect(lines).toEqual([
    "loaded acme-totals: Adds up the amounts in a table. Use it when somebody asks what something comes to.",
    "refused acme-cleanup: SKILL_SCAN_BLOCKED",
    "refused acme-letters: SCHEMAPIN_SIGNATURE_INVALID",
    "refused found-somewhere: SCHEMAPIN_SIGNATURE_MISSING",
    expect.stringMatching(/^acme-totals says: (4\.75|skipped: .+)$/),
  ]);
});
