// Bundles every public entry and compares its size with the limit in size-limits.json, and refuses bundles that
// contain what names a leak: a heavy module that this entry must not pull in, of ours or of Node (`node:zlib`), which is
// read at the import and not when it is needed.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { packages } from "./workspace.mjs";

const limits = JSON.parse(readFileSync(new URL("size-limits.json", import.meta.url), "utf8"));
let failed = 0;
for (const { url, entries } of packages()) {
  for (const { specifier, source } of entries) {
    const limit = limits[specifier];
    const { outputFiles, metafile } = await build({
      entryPoints: [fileURLToPath(new URL(source, url))],
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "node",
      conditions: ["@symbiont/source"],
      // Native modules are no JavaScript, and not ours to shrink; optional parsers are loaded when asked for.
      external: ["@node-rs/argon2", "@napi-rs/keyring", "yaml", "smol-toml", "e2b"],
      metafile: true,
      logLevel: "error",
    });
    const bytes = gzipSync(outputFiles[0].contents).length;
    const modules = Object.keys(metafile.inputs).filter((file) => file.includes("node_modules"));
    const builtins = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ kind }) => kind === "import-statement").map((one) => one.path),
    );
    const leak = (limit?.without ?? []).find(
      (name) => builtins.includes(name) || modules.some((file) => file.includes(`/${name}/`)),
    );
    const tooBig = limit === undefined || bytes > limit.gzip;
    if (tooBig || leak !== undefined) failed += 1;
    const note =
      limit === undefined
        ? "no limit in size-limits.json"
        : leak !== undefined
          ? `contains ${leak}`
          : tooBig
            ? "too big"
            : "ok";
    console.log(
      `${specifier.padEnd(36)} ${String(bytes).padStart(7)} B gzip  limit ${String(limit?.gzip ?? "-").padStart(7)}  ${note}`,
    );
  }
}
if (failed > 0) process.exitCode = 1;
