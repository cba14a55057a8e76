import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { FORWARDER_PROGRAMS } from "../src/network/forwarder-programs.ts";
import { hasForwarder } from "../src/network/has-forwarder.ts";

const source = fileURLToPath(new URL("../src/", import.meta.url));
/** Types are gone when the code runs, and what is imported in a function is read when that is called. */
const IMPORT = /^(?:import|export) (?!type )(?<names>[^;]*? from )?"(?<what>[^"]+)"/gm;

/** What a program reads that imports this package: our files, and modules of Node's. */
function readAtOnce(entry: string): {
  readonly files: readonly string[];
  readonly modules: readonly string[];
} {
  const files = new Set([join(source, entry)]);
  const modules = new Set<string>();
  for (const file of files)
    for (const { groups } of readFileSync(file, "utf8").matchAll(IMPORT)) {
      const { names = "", what = "" } = groups ?? {};
      const isTypes = /^\{(?:\s*type [^,}]+,?)+\s*\}/.test(names);
      if (!isTypes)
        (what.startsWith(".") ? files : modules).add(what.startsWith(".") ? join(dirname(file), what) : what);
    }
  return { files: [...files].map((file) => relative(source, file)), modules: [...modules].sort() };
}

test.each([
  [
    "index.ts",
    ["@symbiont/kit", "@symbiont/net", "node:fs", "node:module", "node:os", "node:path", "node:url"],
  ],
  ["tiers/e2b/index.ts", ["@symbiont/kit"]],
])("importing %s reads what names a tier, and not what runs one", (entry, expected) => {
  const { files, modules } = readAtOnce(entry);
  expect(modules).toEqual(expected);
  expect(files.filter((file) => /runner|guest\.ts|supervise|programs/.test(file))).toEqual([]);
});

test("whether there is a forwarder is known without reading them", () => {
  const processors = ["x64", "arm64", "ia32", "ppc64", "s390x"];
  expect(processors.filter((processor) => hasForwarder(processor))).toEqual(Object.keys(FORWARDER_PROGRAMS));
});
