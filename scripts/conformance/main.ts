// pnpm conformance [package …] [--vectors DIR]: runs vector files and counts. See CONTRIBUTING.md.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { ConformanceSuite } from "./suite.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { vectors: { type: "string" } },
});
const root = new URL("../../", import.meta.url);
const outside = values.vectors === undefined ? undefined : pathToFileURL(`${resolve(values.vectors)}/`);
if (outside !== undefined && !existsSync(outside)) fail(`no folder ${values.vectors}`);

const available = readdirSync(new URL("packages/", root)).filter((name) =>
  existsSync(new URL(`packages/${name}/test/conformance.ts`, root)),
);
const packages = positionals.length === 0 ? available : positionals.filter((argument) => argument !== "--");
for (const name of packages) if (!available.includes(name)) fail(`package ${name} has no conformance suite`);

const suites = new Map<string, ConformanceSuite>();
for (const name of available) {
  const module = (await import(new URL(`packages/${name}/test/conformance.ts`, root).href)) as {
    suite: ConformanceSuite;
  };
  suites.set(name, module.suite);
}

let passed = 0;
let failed = 0;
for (const name of packages) {
  const suite = suites.get(name) as ConformanceSuite;
  const folder = outside ?? new URL(`packages/${name}/test/vectors/`, root);
  for (const [file, declare] of Object.entries(suite)) {
    const url = new URL(file, folder);
    if (!existsSync(url)) {
      print(name, file, "absent");
      if (outside === undefined) failed += 1;
      continue;
    }
    const before = failed;
    const failures: string[] = [];
    let cases = 0;
    try {
      const checks: { title: string; run: () => void | Promise<void> }[] = [];
      await declare(JSON.parse(readFileSync(url, "utf8")), (title, run) => checks.push({ title, run }));
      for (const check of checks) {
        cases += 1;
        try {
          await check.run();
          passed += 1;
        } catch (error) {
          failed += 1;
          failures.push(`${check.title}: ${firstLine(error)}`);
        }
      }
    } catch (error) {
      failed += 1;
      failures.push(`the file could not be read: ${firstLine(error)}`);
    }
    print(
      name,
      file,
      failed === before ? `${cases} passed` : `${cases - failures.length} passed, ${failures.length} FAILED`,
    );
    for (const failure of failures) console.log(`    ${failure}`);
  }
}
reportUnknown();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Names the files that no package understands, so that a case brought along is never skipped in silence. */
function reportUnknown(): void {
  const known = new Set([...suites.values()].flatMap((suite) => Object.keys(suite)));
  const folders =
    outside === undefined
      ? packages.map((name) => new URL(`packages/${name}/test/vectors/`, root))
      : [outside];
  const areas = new Set(
    packages.flatMap((name) => Object.keys(suites.get(name) ?? {}).map((file) => file.split("/")[0])),
  );
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const area of readdirSync(folder, { withFileTypes: true })) {
      if (!area.isDirectory() || !areas.has(area.name)) continue;
      for (const file of readdirSync(new URL(`${area.name}/`, folder))) {
        const path = `${area.name}/${file}`;
        if (file.endsWith(".json") && !known.has(path)) print("-", path, "not known to any package");
      }
    }
  }
}

function print(name: string, file: string, result: string): void {
  console.log(`${name.padEnd(12)} ${file.padEnd(44)} ${result}`);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error))
    .split("\n")
    .slice(0, 6)
    .join(" ")
    .slice(0, 300);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
