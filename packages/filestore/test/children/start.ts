import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A script in one file: a process that lives for milliseconds should not spend most of its life loading. */
export interface ChildScript {
  readonly path: string;
  remove(): void;
}

/** How a process ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

/** A process under test. */
export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Lines it has printed so far. */
  readonly lines: readonly string[];
  readonly ended: Promise<ChildEnd>;
  /** Resolves when it has printed a line that begins like this; rejects when it ends before. */
  printed(beginning: string): Promise<string>;
}

/** Bundles `test/children/<name>.ts`. */
export async function bundleChild(name: string): Promise<ChildScript> {
  const directory = mkdtempSync(join(tmpdir(), "filestore-child-"));
  const path = join(directory, `${name}.cjs`);
  await build({
    entryPoints: [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    conditions: ["@symbiont/source"],
    logLevel: "silent",
  });
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Starts a bundled script. */
export function startChild(script: ChildScript, ...args: readonly (string | number)[]): Child {
  const child = spawn(process.execPath, [script.path, ...args.map(String)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  child.stdin.on("error", () => undefined);
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stderr }));
  });
  const printed = (beginning: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const line = lines.find((line) => line.startsWith(beginning));
        if (line !== undefined) resolve(line);
      };
      waiting.push(look);
      look();
      void ended.then((end) =>
        reject(new Error(`ended before printing ${beginning}: ${JSON.stringify(end)}`)),
      );
    });
  return { process: child, lines, ended, printed };
}
