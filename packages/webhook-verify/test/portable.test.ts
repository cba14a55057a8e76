import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("every vector passes where every node: import is refused and process and Buffer are gone", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@symbiont/source",
    `--import=${new URL("../../../scripts/ts.mjs", import.meta.url).href}`,
    `--import=${new URL("./fixtures/refuse-node.mjs", import.meta.url).href}`,
    fileURLToPath(new URL("./fixtures/portable.ts", import.meta.url)),
  ]);
  const { passed, failed, remote } = JSON.parse(stdout) as {
    passed: number;
    failed: string[];
    remote: string;
  };
  expect(failed).toEqual([]);
  expect(passed).toBeGreaterThan(300);
  // The guarded fetch needs Node, which proves that the refusal is real.
  expect(remote).toMatch(/node:\S+ refused/);
}, 60_000);
