import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
/** How the program is started from its sources. */
export const PROGRAM = [
  "-C",
  "@symbiont/source",
  "--import",
  path("../../../scripts/ts.mjs"),
  path("../src/main.ts"),
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
