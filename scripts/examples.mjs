// What the scripts need to know about the examples, and how one is copied out of the repository.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages, root } from "./workspace.mjs";

const folder = fileURLToPath(new URL("examples/", root));
const LEFT_OUT = /(^|\/)node_modules(\/|$)|\.test\.ts$/;

/** Names of the examples that can be started. */
export function examples() {
  return readdirSync(folder)
    .filter((name) => manifestOf(name)?.scripts?.start !== undefined)
    .sort();
}

/**
 * Copies an example to a new folder, and the model server beside it where it needs that. Nothing in the copy knows the
 * repository: what was taken from the workspace comes from where `from` says, a version range or a tarball.
 */
export function copyExample(name, target, from = publishedRanges()) {
  if (existsSync(target)) throw new Error(`${target} exists`);
  mkdirSync(target, { recursive: true });
  cpSync(join(folder, name), target, {
    recursive: true,
    filter: (path) => !LEFT_OUT.test(path.slice(folder.length)),
  });
  const manifest = manifestOf(name);
  const { dependencies } = manifest;
  for (const dependency of Object.keys(dependencies)) {
    if (!dependencies[dependency].startsWith("workspace:")) continue;
    if (dependency.startsWith("@symbiont/")) dependencies[dependency] = from.get(dependency);
    else {
      const beside = join(dirname(target), dependency);
      if (!existsSync(beside)) copyExample(dependency, beside, from);
      dependencies[dependency] = `file:../${dependency}`;
    }
  }
  writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function manifestOf(name) {
  const file = join(folder, name, "package.json");
  return existsSync(file) ? { dependencies: {}, ...JSON.parse(readFileSync(file, "utf8")) } : undefined;
}

function publishedRanges() {
  return new Map(packages().map(({ manifest }) => [manifest.name, `^${manifest.version}`]));
}
