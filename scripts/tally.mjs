// Repeats which tests failed, or did so once, sums what the runs in a log counted, and prints it as the last line: `N passed, N failed`.
import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

const lines = stripVTControlCharacters(readFileSync(process.argv[2], "utf8")).split("\n");
const failures = new Set(lines.filter((line) => /^\s*FAIL\s|^=== FAILED|^FAILED |^FLAKY /.test(line)));
for (const line of failures) console.log(line.trim());
let passed = 0;
let failed = 0;
let skipped = 0;
for (const line of lines) {
  // vitest: `Tests  1 failed | 2 passed | 3 skipped (6)`; our own runners: `[name: ]2 passed, 1 failed`.
  const counts =
    /^\s*Tests\s+(.*?)\s*\(\d+\)\s*$/.exec(line)?.[1] ??
    /^(?:[\w-]+: )?(\d+ passed, \d+ failed)$/.exec(line)?.[1];
  if (counts === undefined) continue;
  for (const [, count, what] of counts.matchAll(/(\d+) (passed|failed|skipped)/g)) {
    if (what === "passed") passed += Number(count);
    else if (what === "failed") failed += Number(count);
    else skipped += Number(count);
  }
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
if (failed > 0 || passed === 0) process.exitCode = 1;
