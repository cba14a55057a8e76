// Proves that each example works alone: packs the packages once, copies each example to an empty folder, does what its README
// says there, and compares what is printed with what the README shows. Names on the command line choose some.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { copyExample, examples } from "./examples.mjs";
import { packages, root } from "./workspace.mjs";

const top = fileURLToPath(root);
const work = mkdtempSync(join(tmpdir(), "check-examples-"));
const wanted = process.argv.slice(2);
const settings = { ignore_scripts: true, audit: false, fund: false, prefer_offline: true, loglevel: "error" };
const env = {
  ...process.env,
  NO_COLOR: "1",
  ...Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, String(value)]),
  ),
};
let failed = 0;
try {
  await run(process.execPath, [join(top, "node_modules/typescript/bin/tsc"), "-b"], top);
  await run(process.execPath, ["scripts/bundle.mjs"], top);
  const tarballs = new Map();
  await twoAtATime(packages(), async ({ name, path, manifest }) =>
    tarballs.set(manifest.name, await pack(name, path)),
  );
  const chosen = examples().filter((name) => wanted.length === 0 || wanted.includes(name));
  await twoAtATime(chosen, async (name) => {
    try {
      const skipped = await prove(name, tarballs);
      console.log(
        `${name.padEnd(22)} runs alone and prints what its README shows${skipped.map((line) => `\n  ${line}`).join("")}`,
      );
    } catch (error) {
      failed += 1;
      console.error(`${name}: ${error.message}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
    }
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failed > 0) process.exitCode = 1;

async function pack(name, path) {
  const folder = join(work, "tarballs", name);
  mkdirSync(folder, { recursive: true });
  await run("npx", ["-y", "pnpm@12.21.0", "pack", "--pack-destination", folder], path);
  return `file:${join(folder, readdirSync(folder)[0])}`;
}

/** @returns the lines in which the example says that it skipped something. */
async function prove(name, tarballs) {
  const project = join(work, "projects", name, name);
  mkdirSync(join(work, "projects", name), { recursive: true });
  copyExample(name, project, tarballs);
  // Until they are published, what our packages need of each other comes from the tarballs too.
  const file = join(project, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  const overrides = Object.fromEntries(
    [...tarballs].filter(([dependency]) => !(dependency in manifest.dependencies)),
  );
  writeFileSync(file, JSON.stringify({ ...manifest, overrides }));

  const readme = readFileSync(join(project, "README.md"), "utf8");
  const commands = block(readme, "sh").filter((line) => line.startsWith("npm "));
  if (commands.length === 0) throw new Error("README.md has no npm command");
  let printed = "";
  for (const command of commands)
    printed = await run("sh", ["-c", command.replace(/^npm start/, "npm start --silent")], project);
  const lines = printed.trimEnd().split("\n");
  const shown = block(readme, "text");
  const skipped = lines.filter((line) => line.includes("skipped:"));
  if (skipped.length === 0 && lines.length !== shown.length)
    throw new Error(`printed ${lines.length} lines, README.md shows ${shown.length}:\n${printed}`);
  for (const [index, line] of lines.entries())
    if (!line.includes("skipped:") && !isLike(line, shown[index] ?? ""))
      throw new Error(`printed:\n${line}\nREADME.md shows:\n${shown[index]}`);
  return skipped;
}

/** The lines of the first block of a language. */
function block(readme, language) {
  return new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``).exec(readme)?.[1].split("\n") ?? [];
}

/** Whether a line is as shown, where `…` stands for anything. */
function isLike(line, shown) {
  const parts = shown.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(line);
}

async function twoAtATime(items, work) {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

async function run(command, words, cwd) {
  const { stdout } = await promisify(execFile)(command, words, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return stdout;
}
