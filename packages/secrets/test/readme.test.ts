import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type KeyringSession, noKeyring, startSession } from "./keyring-session.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const fences = [
  ...readFileSync(new URL("../README.md", import.meta.url), "utf8").matchAll(/^```ts\n([\s\S]*?)^```/gm),
].map(([, code]) => code as string);
const hooks = fileURLToPath(new URL("../../../scripts/ts.mjs", import.meta.url));
// Inside the package, so that it is found by its own name.
const scripts = mkdtempSync(fileURLToPath(new URL("./.readme-", import.meta.url)));
afterAll(() => rmSync(scripts, { recursive: true }));

/** Runs an example of the README in a folder; gives the lines it printed. */
async function runExample(
  containing: string,
  folder: string,
  env: Record<string, string>,
): Promise<string[]> {
  const [code, ...others] = fences.filter((fence) => fence.includes(containing));
  expect(others).toEqual([]);
  const script = join(scripts, `${containing.replace(/\W/g, "")}.ts`);
  writeFileSync(script, `${code}`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["-C", "@symbiont/source", "--import", hooks, script],
    { cwd: folder, env: { PATH: process.env["PATH"] ?? "", ...env } },
  );
  return stdout.split("\n").filter((line) => line !== "");
}

test("the example of the README runs", async () => {
  const lines = await runExample("sk-live-1", temporaryDirectory(), {
    SECRETS_KEY: "0123456789abcdef".repeat(4),
  });
  expect(lines).toEqual(["got llm: [REDACTED]", "2"]);
});

describe.skipIf(noKeyring !== "")(`from Symbiont to a slot in the keychain${noKeyring}`, () => {
  let session: KeyringSession;
  const before = { ...process.env };
  beforeAll(async () => {
    session = await startSession();
    session.enter();
    await session.startKeyring();
  });
  afterAll(async () => {
    process.env = before;
    await session.remove();
  });

  test("the example of the README opens, migrates, adds the slot and reads it back", async () => {
    const vectors = new URL("./vectors/secrets/symbiont-file-store.json", import.meta.url);
    const [store] = JSON.parse(readFileSync(vectors, "utf8")).vectors;
    const folder = temporaryDirectory();
    writeFileSync(join(folder, "secrets.json"), store.file_utf8, { mode: 0o600 });
    const lines = await runExample("migrateSecrets(old", folder, {
      ...session.env,
      SYMBIONT_PASSWORD: store.password,
      SECRETS_KEY: "a passphrase of some length",
    });
    expect(lines.toSorted()).toEqual(
      Object.keys(store.expected_entries)
        .map((name) => `${name} 1`)
        .toSorted(),
    );
  });
});
