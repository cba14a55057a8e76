// What the other scripts need to know about the workspace.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = new URL("../", import.meta.url);

/** Every published package: its folder, its manifest and its public entries with their source and output files. */
export function packages() {
  return readdirSync(new URL("packages/", root))
    .filter((name) => existsSync(new URL(`packages/${name}/package.json`, root)))
    .sort()
    .map((name) => {
      const url = new URL(`packages/${name}/`, root);
      const manifest = JSON.parse(readFileSync(new URL("package.json", url), "utf8"));
      return { name, url, path: fileURLToPath(url), manifest, entries: entries(url, manifest) };
    });
}

/** Expands wildcard subpaths such as `./presets/*` to the folders that exist. */
function entries(url, manifest) {
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    if (typeof target === "string") return [];
    if (!subpath.includes("*")) return [entry(manifest.name, subpath, target, "")];
    const [before] = target["@symbiont/source"].split("*");
    return readdirSync(new URL(before, url)).map((found) => entry(manifest.name, subpath, target, found));
  });
}

function entry(packageName, subpath, target, found) {
  const fill = (text) => text.replace("*", found);
  return {
    specifier: packageName + fill(subpath).slice(1),
    source: fill(target["@symbiont/source"]),
    types: fill(target.types),
    output: fill(target.default),
  };
}
