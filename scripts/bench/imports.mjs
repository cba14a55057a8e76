// pnpm bench:imports [package …] [--all] [--rounds N]: what importing each built package costs a fresh process, in
// milliseconds of processor time (user and system) beside bare Node, how much of it is the package's own (the rest is what it
// imports), and how many files it reads. The goals are for the own part, and for `core` with all that it imports; they are
// for a machine that does nothing else: on a busy one the ratio counts.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { packages } from "../workspace.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: "boolean", default: false }, rounds: { type: "string", default: "15" } },
});
const CORE_LIMIT_MS = 60;
const OWN_LIMIT_MS = 25;
const FROM = /^(?:import|export)\b[^"\n]*"([^"]+)";$/gm;
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
        without: [],
      })),
  );

/** What a fresh process prints: with `tell`, the milliseconds of processor time that it took. */
const run = (words, cwd) => Number(execFileSync(process.execPath, words, { cwd }));

const importOf = ({ file }) => `import ${JSON.stringify(pathToFileURL(file).href)}`;
// An empty module, so that what Node itself needs for the first of its modules counts for nobody.
const EMPTY = 'import "data:text/javascript,"';
const bare = [];
// Taken in turns, so that a busy machine is as busy for each of them.
for (let round = 0; round < Number(values.rounds); round += 1) {
  bare.push(run(["--input-type=module", "-e", `${EMPTY}; ${tell}`]));
  for (const target of targets) {
    const others = importedBy(target.file).map((specifier) => `import ${JSON.stringify(specifier)}`);
    target.samples.push(run(["--input-type=module", "-e", `${importOf(target)}; ${tell}`], target.path));
    target.without.push(
      run(["--input-type=module", "-e", `${[EMPTY, ...others].join("; ")}; ${tell}`], target.path),
    );
  }
}

const floor = median(bare);
console.log(
  `Node ${process.version}, bare: ${floor.toFixed(1)} ms; median of ${values.rounds} processes each`,
);
console.log(row("entry", "ms", "x bare", "own ms", "files", "goal"));
let missed = 0;
for (const target of targets) {
  const { name, specifier, samples, without } = target;
  const whole = median(samples) - floor;
  const own = median(samples) - median(without);
  const [counted, limit] = name === "core" ? [whole, CORE_LIMIT_MS] : [own, OWN_LIMIT_MS];
  if (counted > limit) missed += 1;
  const verdict = `  ${limit} ms ${counted <= limit ? "met" : "MISSED"}`;
  const cells = [whole.toFixed(1), (whole / floor).toFixed(2), own.toFixed(1), filesOf(target), verdict];
  console.log(row(specifier, ...cells));
}
if (missed > 0) process.exitCode = 1;

/** What the file and the parts of its package beside it import from elsewhere. */
function importedBy(file) {
  const parts = new Set([pathToFileURL(file).href]);
  const others = new Set();
  for (const part of parts)
    for (const [, specifier] of readFileSync(new URL(part), "utf8").matchAll(FROM))
      if (specifier.startsWith(".")) parts.add(new URL(specifier, part).href);
      else others.add(specifier);
  return [...others];
}

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
