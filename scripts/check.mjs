// The whole gate, in the order in which a mistake is cheapest to find. Prints a line per step and stops at none.
// `check NAME…` runs those steps only, `check --without NAME…` all others.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { root } from "./workspace.mjs";

const steps = {
  typecheck: ["tsc", "-b"],
  format: ["biome", "check", "."],
  lint: ["oxlint", "--type-aware", "--deny-warnings"],
  "lint:unused": ["knip"],
  "check:docs": ["node", "scripts/check-docs.mjs"],
  "check:api": ["node", "scripts/api-report.mjs", "--check"],
  "check:size": ["node", "scripts/check-size.mjs"],
  test: ["vitest", "run", "--project", "packages", "--project", "examples", "--reporter", "dot"],
  conformance: [
    "node",
    "-C",
    "@symbiont/source",
    "--import",
    "./scripts/ts.mjs",
    "scripts/conformance/main.ts",
  ],
  bundle: ["node", "scripts/bundle.mjs"],
  "check:pack": ["node", "scripts/check-pack.mjs"],
};
const names = process.argv.slice(2).filter((name) => name !== "--without");
const without = process.argv[2] === "--without";
const unknown = names.find((name) => !(name in steps));
if (unknown !== undefined) throw new RangeError(`no step ${unknown}: ${Object.keys(steps).join(", ")}`);
let passed = 0;
let failed = 0;
for (const [name, [command, ...rest]] of Object.entries(steps)) {
  if (names.length > 0 && names.includes(name) === without) continue;
  const start = Date.now();
  const { status, stdout, stderr } = spawnSync(command, rest, {
    cwd: fileURLToPath(root),
    encoding: "utf8",
    env: { ...process.env, PATH: `${fileURLToPath(new URL("node_modules/.bin", root))}:${process.env.PATH}` },
    maxBuffer: 1 << 28,
  });
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  if (status === 0) passed += 1;
  else {
    failed += 1;
    console.log(stdout, stderr);
  }
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
}
console.log(`check: ${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
