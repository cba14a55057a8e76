import { spawn } from "node:child_process";
import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build, type PluginBuild } from "esbuild";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
// Apart for each of those that test side by side.
const folder = path(`../node_modules/.cache/symbiont-${process.env["VITEST_POOL_ID"] ?? "1"}`);

// The sources as one program: what a user starts is compiled as well, and starts as fast.
await build({
  entryPoints: [path("../src/main.ts")],
  outdir: folder,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  conditions: ["@symbiont/source"],
  external: ["@napi-rs/keyring", "yaml", "smol-toml"],
  plugins: [{ name: "native", setup: leaveNative }],
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "error",
});

// A package like the one that is installed: its assets are found by its name.
for (const part of ["package.json", "assets"])
  cpSync(path(`../${part}`), `${folder}/${part}`, { recursive: true });

/** A native module stays where the package that uses it has it. */
function leaveNative({ onResolve }: PluginBuild): void {
  onResolve({ filter: /^@node-rs\/argon2$/ }, ({ path: name, importer }) => ({
    path: createRequire(importer).resolve(name),
    external: true,
  }));
}

/** How the program is started. Webhook presets are found by name when they are asked for, in the sources. */
export const PROGRAM = [
  "-C",
  "@symbiont/source",
  "--import",
  path("../../../scripts/ts.mjs"),
  `${folder}/main.mjs`,
];

/** How the program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a process, without a terminal and with an empty environment. */
export async function symbiont(
  words: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Record<string, string>;
    readonly input?: string | Uint8Array;
  } = {},
): Promise<Ended> {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [...PROGRAM, ...words], {
    cwd: options.cwd,
    env: { PATH, ...options.env },
    timeout: 60_000,
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, stdout, stderr };
}
