// Proves that each package works alone: packs it, lints the tarball, installs it in an empty project with only
// its own dependencies, then imports, requires and type-checks every entry.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { packages, root } from "./workspace.mjs";

const top = fileURLToPath(root);
const work = mkdtempSync(join(tmpdir(), "check-pack-"));
const wanted = process.argv.slice(2);
// Parts that are loaded when they are needed are not reached by importing entries, and must be understood by this Node too.
const PARSE_ALL = `
  import { readdirSync, readFileSync } from "node:fs";
  import { SourceTextModule } from "node:vm";
  for (const file of readdirSync("dist", { recursive: true }))
    if (file.endsWith(".js"))
      new SourceTextModule(readFileSync("dist/" + file, "utf8").replace(/^#!.*/, ""), { identifier: file });
`;
let failed = 0;
try {
  const all = packages();
  const tarballs = new Map(await inParallel(all, async (one) => [one.manifest.name, await pack(one)]));
  const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  await inParallel(chosen, async (one) => {
    try {
      await prove(one, tarballs);
      console.log(`${one.manifest.name.padEnd(28)} installs and works alone (${one.entries.length} entries)`);
    } catch (error) {
      failed += 1;
      console.error(`${one.manifest.name}: ${error.message}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
    }
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
if (failed > 0) process.exitCode = 1;

async function inParallel(items, run) {
  const results = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await run(items[index]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

async function pack({ name, path }) {
  const folder = join(work, "tarballs", name);
  mkdirSync(folder, { recursive: true });
  // pnpm replaces the workspace protocol with the real version range, as publishing does.
  await run("npx", ["-y", "pnpm@12.21.0", "pack", "--pack-destination", folder], path);
  return join(folder, readdirSync(folder)[0]);
}

async function prove({ name, manifest, entries }, tarballs) {
  const tarball = tarballs.get(manifest.name);
  await run(join(top, "node_modules/.bin/publint"), ["--strict", tarball], top);
  await run(join(top, "node_modules/.bin/attw"), [tarball, "--profile", "esm-only"], top);

  const project = join(work, "projects", name);
  mkdirSync(project, { recursive: true });
  const overrides = Object.fromEntries(
    [...tarballs].map(([dependency, file]) => [dependency, `file:${file}`]),
  );
  // Optional peers are the host's choice; the entries that need one are checked with it.
  const extra = { "@types/node": "20.19.43", ...manifest.peerDependencies };
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      name: "alone",
      private: true,
      type: "module",
      dependencies: { [manifest.name]: `file:${tarball}`, ...extra },
      overrides: without(overrides, manifest.name),
    }),
  );
  await run(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"],
    project,
  );

  const specifiers = entries.map(({ specifier }) => specifier);
  const uses = specifiers.map(
    (specifier, index) => `import * as entry${index} from ${JSON.stringify(specifier)};`,
  );
  writeFileSync(
    join(project, "use.ts"),
    `${uses.join("\n")}\nexport const entries: readonly object[] = [${specifiers.map((_, index) => `entry${index}`).join(", ")}];\n`,
  );
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const options = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "false",
      "--target",
      "es2023",
      "--types",
      "node",
      "--module",
      module,
      "--moduleResolution",
      resolution,
    ];
    await run(
      process.execPath,
      [join(top, "node_modules/typescript/bin/tsc"), ...options, "use.ts"],
      project,
    );
  }
  const list = JSON.stringify(specifiers);
  await run(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `for (const entry of ${list}) if (Object.keys(await import(entry)).length === 0) throw new Error(entry + " exports nothing");`,
    ],
    project,
  );
  await run(
    process.execPath,
    ["--no-warnings", "--input-type=commonjs", "-e", `for (const entry of ${list}) require(entry);`],
    project,
  );
  await run(
    process.execPath,
    ["--no-warnings", "--experimental-vm-modules", "--input-type=module", "-e", PARSE_ALL],
    join(project, "node_modules", manifest.name),
  );
  if (manifest.imports !== undefined) await proveBundle(name, project);
}

/** Where conditions choose between files, a bundle must hold everything that the package needs, also one made for Node. */
async function proveBundle(name, project) {
  const bundle = join(work, "bundles", `${name}.mjs`);
  const sign = "const { privateKey, publicKey } = keys.generateKeyPair('ES256');";
  const verify =
    "if (!keys.verify(publicKey, keys.sign(privateKey, 'a', { deterministic: true }), 'a')) throw 1;";
  const contents = `import * as keys from "@symbiont/${name}"; ${sign} ${verify}`;
  for (const conditions of [undefined, ["production"]]) {
    const options = { bundle: true, format: "esm", platform: "node", outfile: bundle, logLevel: "error" };
    await build({ stdin: { contents, resolveDir: project }, ...options, conditions });
    await run(process.execPath, [bundle], work);
  }
}

function without(record, key) {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

async function run(command, commandArguments, cwd) {
  return promisify(execFile)(command, commandArguments, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
}
