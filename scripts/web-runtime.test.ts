import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

// Entries that promise to load where there is no Node. Imported from a package that may import them all.
const portable = [
  "packages/kit/src/index.ts",
  "packages/keys/src/index.ts",
  "packages/net/src/index.ts",
  "packages/policy/src/index.ts",
  "packages/policy/src/approvals/index.ts",
  "packages/policy/src/approvals/http/index.ts",
  "packages/policy/src/approvals/postgres/index.ts",
  "packages/policy/src/approvals/slack/index.ts",
  "packages/policy/src/approvals/webhook/index.ts",
  "packages/policy/src/arguments/index.ts",
  "packages/policy/src/gates/index.ts",
  "packages/policy/src/hygiene/index.ts",
  "packages/policy/src/opa/index.ts",
  "packages/policy/src/session/index.ts",
  "packages/ratelimit/src/index.ts",
  "packages/redact/src/index.ts",
  "packages/schemapin/src/index.ts",
  "packages/skills/src/index.ts",
  "packages/core/src/index.ts",
  "packages/adapters/src/mcp/index.ts",
];

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What a process prints that imports `entry` with every Node module refused. */
async function importWithoutNode(entry: string): Promise<string> {
  const preload = ["ts.mjs", "testing/web-runtime/refuse-node.mjs"].flatMap((file) => [
    "--import",
    path(file),
  ]);
  const script = path("testing/web-runtime/import.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [
    "-C",
    "@symbiont/source",
    ...preload,
    script,
    path(`../${entry}`),
  ]);
  return stdout.trim();
}

describe("on a runtime without Node's modules", () => {
  test.each(portable)("%s loads", async (entry) => {
    expect(Number(await importWithoutNode(entry))).toBeGreaterThan(0);
  });

  test("an entry that needs Node does not, so the refusal is real", async () => {
    await expect(importWithoutNode("packages/kit/src/aead.ts")).rejects.toThrow("refused node:crypto");
  });
});
