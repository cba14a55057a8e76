import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a script of a package's `test/fixtures/children` on the sources in a process of its own; gives what it printed. */
export async function runChild(
  packageName: string,
  script: string,
  options: {
    readonly args?: readonly string[];
    readonly env?: Record<string, string>;
    readonly preload?: readonly string[];
  } = {},
): Promise<unknown> {
  const preload = ["scripts/ts.mjs", ...(options.preload ?? []).map((name) => childPath(packageName, name))];
  const { stdout } = await run(
    process.execPath,
    [
      "-C",
      "@symbiont/source",
      ...preload.flatMap((file) => ["--import", `./${file}`]),
      childPath(packageName, script),
      ...(options.args ?? []),
    ],
    { cwd: root, env: { PATH: process.env["PATH"] ?? "", ...options.env } },
  );
  return JSON.parse(stdout);
}

function childPath(packageName: string, name: string): string {
  return `packages/${packageName}/test/fixtures/children/${name}`;
}
