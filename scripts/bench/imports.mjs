// pnpm bench:imports [package …] [--all] [--rounds N]: what importing each built package costs a fresh process, in
// milliseconds of processor time (user and system) beside bare Node, and how many files it reads. The goals are for a machine
// that does nothing else; on a busy one the ratio counts.
import { execFileSync } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { packages } from "../workspace.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: "boolean", default: false }, rounds: { type: "string", default: "15" } },
});
const limits = { core: 60 };
const DEFAULT_LIMIT_MS = 25;
const tell = "const { user, system } = process.cpuUsage(); console.log((user + system) / 1000)";

const targets = packages()
  .filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  .flatMap(({ name, url, path, entries }) =>
    entries
      .filter((_, index) => values.all || index === 0)
      .map(({ specifier, output }) => ({
        name,
        specifier,
        path,
        file: fileURLToPath(new URL(output, url)),
        samples: [],
      })),
  );

/** What a fresh process prints: with `tell`, the milliseconds of processor time that it took. */
const run = (words, cwd) => Number(execFileSync(process.execPath, words, { cwd }));

const importOf = ({ file }) => `import ${JSON.stringify(pathToFileURL(file).href)}`;
const bare = [];
// Taken in turns, so that a busy machine is as busy for each of them.
for (let round = 0; round < Number(values.rounds); round += 1) {
  // An empty module, so that what Node itself needs for the first of its modules counts for nobody.
  bare.push(run(["--input-type=module", "-e", `import "data:text/javascript,"; ${tell}`]));
  for (const target of targets)
    target.samples.push(run(["--input-type=module", "-e", `${importOf(target)}; ${tell}`], target.path));
}

const floor = median(bare);
console.log(
  `Node ${process.version}, bare: ${floor.toFixed(1)} ms; median of ${values.rounds} processes each`,
);
console.log(row("entry", "ms", "x bare", "files", "goal"));
let missed = 0;
for (const target of targets) {
  const { name, specifier, samples } = target;
  const own = median(samples) - floor;
  const limit = limits[name] ?? DEFAULT_LIMIT_MS;
  if (own > limit) missed += 1;
  const verdict = `  ${limit} ms ${own <= limit ? "met" : "MISSED"}`;
  console.log(row(specifier, own.toFixed(1), (own / floor).toFixed(2), filesOf(target), verdict));
}
if (missed > 0) process.exitCode = 1;

/** How many files an import reads. */
function filesOf(target) {
  const counter = new URL("count-loads.mjs", import.meta.url).href;
  return run(["--import", counter, "--input-type=module", "-e", importOf(target)], target.path);
}

function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

function row(name, ...cells) {
  return `${name.padEnd(34)}${cells.map((cell) => String(cell).padStart(10)).join("")}`;
}
