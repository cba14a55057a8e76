// Type-checks every ```ts fence of the README files against the packages by name, checks that links inside the
// repository lead somewhere, and that each README has its sections and each threat row names a test that exists.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages, root } from "./workspace.mjs";

const top = fileURLToPath(root);
const problems = [];
const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: top,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && !file.includes("/vectors/") && !file.startsWith(".changeset/"));

for (const file of documents) {
  const text = readFileSync(join(top, file), "utf8");
  for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    if (!existsSync(join(top, dirname(file), target)))
      problems.push(`${file}: link to ${target} leads nowhere`);
  }
}

const sections = ["Install", "Example", "Options", "Errors", "Threats", "Limits"];
for (const { name, path } of packages()) {
  const file = join(path, "README.md");
  if (!existsSync(file)) {
    problems.push(`packages/${name} has no README.md`);
    continue;
  }
  const text = readFileSync(file, "utf8");
  for (const section of sections) {
    if (!new RegExp(`^## ${section}\\b`, "m").test(text))
      problems.push(`packages/${name}/README.md has no section "${section}"`);
  }
  const threats = text.split(/^## Threats\b.*$/m)[1]?.split(/^## /m)[0] ?? "";
  const rows = threats
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2);
  if (rows.length === 0) problems.push(`packages/${name}/README.md has no threat table`);
  for (const row of rows) {
    const tests = [...row.matchAll(/`([\w./-]+\.(?:test|test-d|slow\.test)\.ts)`/g)].map(([, test]) => test);
    if (tests.length === 0)
      problems.push(`packages/${name}/README.md: threat without a test: ${row.slice(0, 80)}`);
    for (const test of tests) {
      const places = [join(path, "test", test), join(path, test), join(top, test)];
      if (!places.some((place) => existsSync(place)))
        problems.push(`packages/${name}/README.md names ${test}, which does not exist`);
    }
  }
}

// Each fence becomes a module inside its package, so that imports resolve as they would for a user.
const folders = [];
for (const file of documents) {
  const folder = join(
    top,
    file.startsWith("packages/") || file.startsWith("examples/")
      ? file.split("/").slice(0, 2).join("/")
      : file.startsWith("docs/")
        ? "packages/cli" // has nearly every package
        : "examples/quickstart",
    "node_modules",
    ".cache",
    "docs",
  );
  const fences = [...readFileSync(join(top, file), "utf8").matchAll(/^```ts\n([\s\S]*?)^```/gm)];
  if (fences.length === 0) continue;
  rmSync(join(folder, file.replaceAll("/", "-")), { recursive: true, force: true });
  mkdirSync(join(folder, file.replaceAll("/", "-")), { recursive: true });
  fences.forEach(([, code], index) => {
    const path = join(folder, file.replaceAll("/", "-"), `fence-${index + 1}.ts`);
    writeFileSync(path, `${code}\nexport {};\n`);
    folders.push(path);
  });
}
const config = join(top, "node_modules", ".cache", "docs.tsconfig.json");
mkdirSync(dirname(config), { recursive: true });
writeFileSync(
  config,
  JSON.stringify({
    extends: join(top, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: true,
      composite: false,
      declaration: false,
      emitDeclarationOnly: false,
      declarationMap: false,
      isolatedDeclarations: false,
      noUnusedLocals: false,
      types: ["node"],
      typeRoots: [join(top, "node_modules/@types")],
    },
    files: folders,
  }),
);
try {
  execFileSync(process.execPath, [join(top, "node_modules/typescript/bin/tsc"), "-p", config], {
    cwd: top,
    encoding: "utf8",
    stdio: "pipe",
  });
} catch (error) {
  problems.push(String(error.stdout).trim());
}

for (const problem of problems) console.error(problem);
console.log(`${documents.length} documents, ${folders.length} code fences, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
