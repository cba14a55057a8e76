import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const packages = fileURLToPath(new URL("../packages/", import.meta.url));
const IMPORT = /^(?:import|export)[^;]*?from "(\.[^"]+\.ts)"|^import "(\.[^"]+\.ts)"/gm;

/** The files of one package that a file imports, types too: whoever reads one has to read the other. */
function importsOf(file: string): readonly string[] {
  return [...readFileSync(file, "utf8").matchAll(IMPORT)].map((found) =>
    join(dirname(file), (found[1] ?? found[2]) as string),
  );
}

/** A way from a file back to itself, for every file of a package that has one. */
function circles(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(folder, path));
  const graph = new Map(files.map((file) => [file, importsOf(file)]));
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) found.push([...way.slice(at), file].map((one) => relative(folder, one)).join(" -> "));
    if (at >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}

test.each(readdirSync(packages))("in %s no file needs itself by way of others", (name) => {
  expect(circles(join(packages, name, "src"))).toEqual([]);
});
