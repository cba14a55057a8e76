import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closeOnExit, formatVerifierKey, verifierKey, verifyJournal } from "@symbiont/audit";
import { importPrivateKeyRaw } from "@symbiont/keys";
import { describe, expect, test } from "vitest";
import { openLog } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const child = fileURLToPath(new URL("fixtures/children/end-of-process.ts", import.meta.url));
const { publicKey } = importPrivateKeyRaw("Ed25519", new Uint8Array(32).fill(3));
const trusted = [formatVerifierKey(verifierKey("example.org/exit/audit/1", publicKey))];

async function end(
  folder: string,
  how: string,
): Promise<{ code: number | null; signal: string | null; errors: string }> {
  const loader = ["-C", "@symbiont/source", "--import", join(root, "scripts/ts.mjs")];
  const process_ = spawn(process.execPath, [...loader, child, folder, how], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  process_.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code, signal] = (await once(process_, "exit")) as [number | null, string | null];
  return { code, signal, errors };
}

describe("a process that ends", () => {
  test.each([
    ["exit", 3, null, 0],
    ["throw", 1, null, 1],
    ["reject", 1, null, 1],
    ["signal", null, "SIGTERM", 0],
    ["nothing more to do", 0, null, 0],
  ])(
    "by %s has lost nothing that was accepted, and ends as it would have",
    async (how, code, signal, crashes) => {
      await withFolder(async (folder) => {
        const ended = await end(folder, how);
        expect(ended).toMatchObject({ code, signal });
        expect(ended.errors.includes("Error")).toBe(crashes === 1);
        const { records, tornBytes } = await verifyJournal(folder, { trusted });
        const types = readRecords(folder).map(({ type }) => type as string);
        expect(types.filter((type) => type === "tool.call")).toHaveLength(50);
        expect(types.filter((type) => type === "secret.read")).toHaveLength(1);
        const crashed = readRecords(folder).filter(({ type }) => type === "journal.crashed");
        expect(crashed).toHaveLength(crashes);
        if (how === "throw")
          expect(crashed[0].data).toEqual({ error: { name: "TypeError", code: "EFFECT_FAILED" } });
        expect(JSON.stringify(crashed)).not.toContain("secret in its text");
        expect([records, tornBytes]).toEqual([types.length, 0]);
      });
    },
  );
});

test("the handlers can be taken away", async () => {
  await withFolder(async (folder) => {
    const log = await openLog(folder);
    const count = (): number[] =>
      ["SIGTERM", "SIGINT", "beforeExit", "exit", "uncaughtExceptionMonitor"].map((name) =>
        process.listenerCount(name),
      );
    const before = count();
    const undo = closeOnExit(log);
    expect(count()).toEqual(before.map((listeners) => listeners + 1));
    undo();
    expect(count()).toEqual(before);
    await log.close();
  });
});
