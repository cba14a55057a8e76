import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, onTestFinished } from "vitest";

/** How a process ended and what it had printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
}

/** A running process. */
export interface Running {
  readonly process: ChildProcess;
  readonly lines: readonly string[];
  readonly ended: Promise<Ended>;
  /** Resolves when it has printed such a line. */
  printed(line: string): Promise<void>;
}

/** Starts processes that run one script. */
export type StartChild = (...args: readonly (string | number)[]) => Running;

/** Bundles `test/children/<name>.ts` for the tests of this file: started often, a process should load little. */
export function bundledChild(name: string): StartChild {
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "secrets-child-"));
    await build({
      entryPoints: [fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url))],
      outfile: join(folder, `${name}.cjs`),
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      conditions: ["@symbiont/source"],
      external: ["@node-rs/argon2"],
      logLevel: "silent",
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (...args) => start([join(folder, `${name}.cjs`), ...args.map(String)]);
}

function start(args: readonly string[]): Running {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "close").then(([code, signal]): Ended => ({ code, signal, lines }));
  const printed = async (line: string): Promise<void> => {
    while (!lines.includes(line)) {
      const over = await Promise.race([once(reader, "line").then(() => false), ended.then(() => true)]);
      if (over && !lines.includes(line)) throw new Error(`ended without printing ${line}`);
    }
  };
  return { process: child, lines, ended, printed };
}
