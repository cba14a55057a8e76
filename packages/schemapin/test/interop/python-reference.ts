import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The published version that documents are exchanged with. */
export const VERSION = "1.3.0";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "symbiont-test-python");
const folder = join(cache, `schemapin-${VERSION}`);
const python = join(folder, "bin", "python");
const script = fileURLToPath(new URL("./python_reference.py", import.meta.url));

/** Part of a test title that says why it does not run; empty when it does. Nothing is installed. */
export function whyNoReference(): string {
  return existsSync(python)
    ? ""
    : " (skipped: the Python reference is not installed; the slow tests do that)";
}

/** Installs the reference once, outside the repository; says why when it cannot be. */
export function installReference(): string {
  if (existsSync(python)) return "";
  const made = `${folder}.${process.pid}`;
  const run = (command: string, args: readonly string[]): void => {
    execFileSync(command, args, { stdio: "ignore", timeout: 300_000 });
  };
  try {
    mkdirSync(cache, { recursive: true });
    run("python3", ["-m", "venv", made]);
    run(join(made, "bin", "python"), ["-m", "pip", "install", "--quiet", `schemapin==${VERSION}`]);
    renameSync(made, folder);
    return "";
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    if (existsSync(python)) return "";
    return ` (skipped: the Python reference cannot be installed: ${(error as Error).message.slice(0, 80)})`;
  }
}

/** A process that answers questions with the reference, in the order they are asked. */
export class PythonReference {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: unknown) => void)[] = [];

  constructor() {
    this.#child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => this.#waiting.shift()?.(JSON.parse(line)));
    this.#child.on("exit", () => {
      for (const give of this.#waiting.splice(0)) give(undefined);
    });
  }

  async ask<T>(question: "digests" | "sign" | "verify", ...about: readonly unknown[]): Promise<T> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve as (answer: unknown) => void);
      this.#child.stdin?.write(`${JSON.stringify({ ask: question, about })}\n`);
    });
  }

  close(): void {
    this.#child.stdin?.end();
  }
}
