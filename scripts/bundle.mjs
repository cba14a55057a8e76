// Makes the JavaScript of each package: a file for each public entry, and one for each part that several of them share.
// Nothing is minified, names and comments stay, so that it can be read beside the source. One file for each source would
// cost every program that imports a package the reading of a hundred files.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { packages } from "./workspace.mjs";

/** As in tsconfig.base.json: what the oldest Node that we support understands. */
const TARGET = "es2023";
const WITH_PLACE = /import\.meta\.url/;
const HARMLESS = /createRequire\(import\.meta\.url\)/g;

for (const one of packages()) {
  removeScripts(join(one.path, "dist"));
  const options = { dir: join(one.path, "dist"), sourcemap: true, sourcemapExcludeSources: true };
  const shared = sharedOf("index.js", await bundle(one, "generate", options));
  const groups = [{ name: "shared", test: (id) => shared.has(id) }];
  check(one.manifest.name, await bundle(one, "write", { ...options, codeSplitting: { groups } }));
}

async function bundle({ path, manifest, entries }, step, options) {
  const build = await rolldown({
    input: inputs(path, manifest, entries),
    // What the target needs help with comes from the bundler itself.
    external: (specifier) => !/^(?:[./\0]|@oxc-project\/runtime\/)/.test(specifier),
    transform: { target: TARGET },
    platform: "node",
    treeshake: { moduleSideEffects: false },
    onLog(level, log) {
      if (level === "warn") throw new Error(`${manifest.name}: ${log.message}`);
    },
  });
  const names = { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" };
  const { output } = await build[step]({ ...options, ...names });
  await build.close();
  return output.filter(({ type }) => type === "chunk");
}

/** Public entries, what `imports` chooses between, programs, and the files that threads start with. */
function inputs(path, { imports = {}, bin = {} }, entries) {
  const outputs = [
    ...entries.map(({ output }) => output),
    ...Object.values(imports)
      .flatMap(Object.values)
      .filter((target) => target.startsWith("./dist/")),
    ...Object.values(bin),
  ];
  const named = outputs.map((output) => output.replace("./dist/", "").replace(/\.js$/, ""));
  const workers = readdirSync(join(path, "src"), { recursive: true })
    .filter((file) => file.endsWith("-worker.ts"))
    .map((file) => [file.split("/").at(-1).replace(/\.ts$/, ""), join(path, "src", file)]);
  return {
    ...Object.fromEntries(named.map((name) => [name, join(path, "src", `${name}.ts`)])),
    ...Object.fromEntries(workers),
  };
}

/** The sources that importing an entry reads from other outputs than its own, because other entries need them too. */
function sharedOf(entry, chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const names = new Set(byName.has(entry) ? [entry] : []);
  for (const name of names)
    for (const next of byName.get(name).imports) if (byName.has(next)) names.add(next);
  names.delete(entry);
  return new Set([...names].flatMap((name) => byName.get(name).moduleIds));
}

/** What several entries share lies at the top; only there does code find a file, such as that of a thread, beside itself. */
function check(packageName, chunks) {
  for (const { fileName, code } of chunks)
    if (fileName.includes("/") && WITH_PLACE.test(code.replace(HARMLESS, "")))
      throw new Error(`${packageName}: ${fileName} looks for a file beside itself, which is elsewhere now`);
}

/** What an earlier build left must not be packed. */
function removeScripts(dist) {
  for (const file of readdirSync(dist, { recursive: true }))
    if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file));
}
