import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs a script of `fixtures/children` on the package's sources in a process of its own; gives what it printed. */
export async function runChild(
  script: string,
  options: {
    readonly args?: readonly string[];
    readonly env?: Record<string, string>;
    readonly preload?: readonly string[];
  } = {},
): Promise<unknown> {
  const preload = ["scripts/ts.mjs", ...(options.preload ?? []).map(childPath)];
  const { stdout } = await run(
    process.execPath,
    [
      "-C",
      "@symbiont/source",
      ...preload.flatMap((file) => ["--import", `./${file}`]),
      childPath(script),
      ...(options.args ?? []),
    ],
    { cwd: root, env: { PATH: process.env["PATH"] ?? "", ...options.env } },
  );
  return JSON.parse(stdout);
}

function childPath(name: string): string {
  return `packages/ratelimit/test/fixtures/children/${name}`;
}
