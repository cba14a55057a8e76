import { generateKeyPairSync } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const NAME = /^[a-z0-9][a-z0-9._-]{0,100}$/;
const RANGE = "^0.1.0";
const OURS = ["adapters", "cli", "core", "schemapin"];

/** The folder cannot be used; the message says why. */
export class CreateError extends Error {
  override readonly name = "CreateError";
}

/**
 * Writes a guarded MCP client into a new folder, with a journal key of its own. Installs nothing and runs nothing.
 *
 * @returns the absolute path of the folder.
 * @throws CreateError when the folder is there and not empty, or its name is no package name. Then nothing was written.
 */
export function createProject(folder: string): string {
  const path = resolve(folder);
  const name = basename(path).toLowerCase();
  if (!NAME.test(name))
    throw new CreateError("the folder's name must be letters, digits, dots, dashes and underscores");
  if (existsSync(path) && readdirSync(path).length > 0)
    throw new CreateError("the folder exists and is not empty");
  mkdirSync(path, { recursive: true });
  const own = import.meta.resolve("@symbiont/create/package.json");
  cpSync(fileURLToPath(new URL("template", own)), path, { recursive: true });
  renameSync(join(path, "GUIDE.md"), join(path, "README.md"));
  mkdirSync(join(path, ".symbiont", "anchor"), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync("ed25519");
  writeFileSync(
    join(path, ".symbiont", "audit-key.pem"),
    privateKey.export({ type: "pkcs8", format: "pem" }),
    {
      mode: 0o600,
      flag: "wx",
    },
  );
  writeFileSync(join(path, ".gitignore"), "node_modules/\n.symbiont/\nreport.html\n");
  writeFileSync(join(path, "package.json"), `${JSON.stringify(manifestOf(name), undefined, 2)}\n`);
  return path;
}

function manifestOf(name: string): object {
  return {
    name,
    private: true,
    type: "module",
    engines: { node: ">=20.19" },
    scripts: {
      approve: "node approve.js",
      start: "node main.js",
      test: "symbiont policy test policies policies.test.json",
      verify: "symbiont audit verify",
      report: "symbiont audit report -o report.html",
    },
    dependencies: {
      "@modelcontextprotocol/client": "^2.4.0",
      ...Object.fromEntries(OURS.map((one) => [`@symbiont/${one}`, RANGE])),
    },
  };
}
