import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** The last line and exit status for a log. */
function tally(log: string): [string, number] {
  const file = join(mkdtempSync(join(tmpdir(), "tally-")), "log");
  writeFileSync(file, log);
  try {
    const script = fileURLToPath(new URL("tally.mjs", import.meta.url));
    return [execFileSync(process.execPath, [script, file], { encoding: "utf8" }).trim(), 0];
  } catch (error) {
    const { stdout, status } = error as { stdout: string; status: number };
    return [stdout.trim(), status];
  }
}

test("sums vitest runs and our own runners, coloured or not", () => {
  const log =
    "\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[32m7 passed\u001b[39m\u001b[90m (7)\u001b[39m\n91 passed, 0 failed\ncheck: 10 passed, 0 failed\n";
  expect(tally(log)).toEqual(["108 passed, 0 failed", 0]);
});

test("fails when anything failed, or nothing ran", () => {
  expect(tally(" Tests  1 failed | 2 passed | 3 skipped (6)\n")).toEqual([
    "2 passed, 1 failed, 3 skipped",
    1,
  ]);
  expect(tally("nothing here\n")).toEqual(["0 passed, 0 failed", 1]);
});

test("repeats what failed before the sum, each once", () => {
  const failure = " FAIL   packages  a.test.ts > holds\n";
  const log = `FLAKY b.test.ts > now and then\n${failure}AssertionError\n${failure}FAILED format (1.0 s)\n Tests  1 failed | 2 passed (3)\n`;
  expect(tally(log)).toEqual([
    "FLAKY b.test.ts > now and then\nFAIL   packages  a.test.ts > holds\nFAILED format (1.0 s)\n2 passed, 1 failed",
    1,
  ]);
});
