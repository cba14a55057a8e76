// Writes packages/*/api.txt: every public declaration, so that a change to the API shows in review.
// With --check it fails when a file on disk is not what the sources say.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { packages } from "./workspace.mjs";

const check = process.argv.includes("--check");
let stale = 0;
for (const { name, url, entries } of packages()) {
  const report = entries
    .map(({ specifier, types }) => `# ${specifier}\n\n${declarations(new URL(types, url)).join("\n\n")}\n`)
    .join("\n");
  const file = new URL("api.txt", url);
  const current = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (current === report) continue;
  stale += 1;
  if (check)
    console.error(
      `packages/${name}/api.txt is out of date: run \`pnpm build && pnpm api\` and review the change`,
    );
  else writeFileSync(file, report);
}
if (check && stale > 0) process.exitCode = 1;
else console.log(check ? "api.txt files are up to date" : `${stale} api.txt files written`);

/** The declarations that an entry exports, in name order, without comments. */
function declarations(entry) {
  const found = new Map();
  collect(entry, undefined, found);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
}

function collect(file, wanted, found) {
  const text = readFileSync(file, "utf8")
    .replace(/\/\*\*[\s\S]*?\*\//g, "")
    .replace(/^\/\/.*$/gm, "");
  for (const [, names, from] of text.matchAll(/export (?:type )?\{([^}]*)\} from "([^"]+)";/g)) {
    const items = names
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean);
    const list = items.map((item) => item.replace(/^type /, ""));
    // What another package declares is in that package's report.
    if (!from.startsWith(".")) {
      for (const name of list) {
        const key = name.split(" as ").at(-1);
        if (wanted === undefined || wanted.has(key)) found.set(key, `export { ${name} } from "${from}";`);
      }
      continue;
    }
    const target = new URL(from.replace(/\.ts$/, ".d.ts"), file);
    collect(
      target,
      new Map(list.map((item) => item.split(" as ")).map(([own, as]) => [own, as ?? own])),
      found,
    );
  }
  const statements = text.split(/\n(?=(?:export |declare |import |interface |type |abstract ))/);
  for (const statement of statements) {
    const match =
      /^export (?:declare )?(?:abstract )?(?:const|function|class|interface|type) (\w+)|^export declare abstract class (\w+)/.exec(
        statement.trim(),
      );
    if (match === null) continue;
    const name = match[1] ?? match[2];
    if (wanted !== undefined && !wanted.has(name)) continue;
    const key = wanted?.get(name) ?? name;
    const body = statement
      .trim()
      .split("\n")
      .map((line) => line.trimEnd())
      .filter((line) => line !== "" && !/^\s*(?:private |#private)/.test(line))
      .join("\n");
    found.set(key, found.has(key) ? `${found.get(key)}\n${body}` : body);
  }
}
