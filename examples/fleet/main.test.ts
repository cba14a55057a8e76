import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { missing, noVault } from "./servers.ts";

const loader = [
  "-C",
  "@symbiont/source",
  "--import",
  fileURLToPath(new URL("../../scripts/ts.mjs", import.meta.url)),
];
const skips = [missing, missing ?? noVault].filter((reason) => reason !== undefined);
const title = "two processes share keys, secrets and limits, and one outlives the other";

test.skipIf(missing !== undefined)(
  skips.length === 0 ? title : `${title} (skipped: ${missing ?? `of it Vault, as ${noVault}`})`,
  async () => {
    const lines: string[] = [];
    await main((line) => lines.push(line), loader);
    expect(lines.filter((line) => !line.startsWith("skipped: "))).toEqual([
      "two processes are up",
      "one key and one secret, alike in both: true",
      "rotated, and in force in both at once: true",
      "4 calls and then 60 at a limit of 20: 16 more let through",
      "one process killed; the other answers: GATE_RATE_LIMITED",
      "and it is back, on its own journal",
      "key revoked: 401",
      "records in one table, of one: all, two: all",
    ]);
  },
  120_000,
);
