import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

// Who may depend on whom. Our own packages by their short name, third parties by their npm name.
const allowed: Readonly<Record<string, readonly string[]>> = {
  kit: [],
  keys: ["kit", "@noble/curves", "@noble/hashes"],
  filestore: ["kit", "proper-lockfile"],
  net: ["kit"],
  policy: ["kit", "keys", "filestore", "@cfworker/json-schema"],
  audit: ["kit", "keys", "filestore"],
  "model-log": ["kit", "keys", "filestore"],
  schemapin: ["kit", "keys", "filestore", "net"],
  agentpin: ["kit", "keys", "filestore", "net"],
  ratelimit: ["kit"],
  "api-keys": ["kit", "filestore", "@node-rs/argon2"],
  "webhook-verify": ["kit", "keys", "net"],
  redact: ["kit", "keys"],
  secrets: ["kit", "filestore", "@node-rs/argon2"],
  sandbox: ["kit", "net"],
  // The one feature that may build on another: skills are signed as schemas are.
  skills: ["kit", "keys", "filestore", "schemapin"],
  // Wires every stage of the gate. The features are loaded when a guard is opened, never with the gate.
  core: [
    "kit",
    "keys",
    "filestore",
    "net",
    "secrets",
    "policy",
    "audit",
    "schemapin",
    "agentpin",
    "api-keys",
    "ratelimit",
    "redact",
    "sandbox",
    "model-log",
    "zod",
  ],
  adapters: ["kit", "core", "ratelimit", "sandbox"],
  // Every feature from a terminal; each command loads what it needs.
  cli: [
    "kit",
    "keys",
    "filestore",
    "core",
    "secrets",
    "policy",
    "audit",
    "schemapin",
    "agentpin",
    "api-keys",
    "sandbox",
    "skills",
    "model-log",
    "redact",
    "webhook-verify",
    "commander",
  ],
  // Runs once, before anything is installed.
  create: [],
};

interface Manifest {
  readonly name: string;
  readonly license: string;
  readonly type: string;
  readonly sideEffects: boolean;
  readonly scripts?: object;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const root = new URL("../packages/", import.meta.url);
const packages = readdirSync(root).map((folder) => ({
  folder,
  manifest: JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), "utf8")) as Manifest,
}));

describe.each(packages)("@symbiont/$folder", ({ folder, manifest }) => {
  test("depends on nothing but what the table allows", () => {
    const dependencies = Object.keys(manifest.dependencies ?? {}).map((name) =>
      name.replace(/^@symbiont\//, ""),
    );
    expect(allowed[folder] ?? []).toEqual(expect.arrayContaining(dependencies));
  });

  test("builds after exactly its workspace dependencies", () => {
    const { references = [] } = JSON.parse(
      readFileSync(new URL(`${folder}/tsconfig.json`, root), "utf8"),
    ) as {
      references?: { path: string }[];
    };
    const workspace = Object.keys(manifest.dependencies ?? {}).filter((name) =>
      name.startsWith("@symbiont/"),
    );
    expect(references.map(({ path }) => path.replace("../", "@symbiont/")).sort()).toEqual(workspace.sort());
  });

  test("declares itself like all others", () => {
    expect(manifest).toMatchObject({
      name: `@symbiont/${folder}`,
      license: "Apache-2.0",
      type: "module",
      sideEffects: false,
      engines: { node: ">=20.19" },
      files: expect.arrayContaining(["dist", "src"]) as unknown,
    });
    expect(manifest.scripts).toBeUndefined();
  });
});
