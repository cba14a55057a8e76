import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const VERSION = "0.3.0";
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "symbiont-test-python");
const folder = join(cache, `agentpin-${VERSION}`);
const python = join(folder, "bin", "python");
const script = fileURLToPath(new URL("./python_reference.py", import.meta.url));

/** Installs the published Python package once, outside the repository; says why when it cannot be. */
export function installPython(): string {
  if (existsSync(python)) return "";
  const made = `${folder}.${process.pid}`;
  const run = (command: string, args: readonly string[]): void => {
    execFileSync(command, args, { stdio: "ignore", timeout: 300_000 });
  };
  try {
    mkdirSync(cache, { recursive: true });
    run("python3", ["-m", "venv", made]);
    run(join(made, "bin", "python"), ["-m", "pip", "install", "--quiet", `agentpin==${VERSION}`]);
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
  readonly #waiting: ((line: string) => void)[] = [];

  constructor() {
    this.#child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => this.#waiting.shift()?.(line));
    this.#child.on("exit", () => {
      for (const give of this.#waiting.splice(0)) give('{"error":"the reference ended"}');
    });
  }

  /** Rejects when the reference throws. */
  async ask<Answer>(question: string, ...about: readonly unknown[]): Promise<Answer> {
    const line = await new Promise<string>((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin?.write(`${JSON.stringify({ ask: question, about })}\n`);
    });
    const { answer, error } = JSON.parse(line) as { answer: Answer; error?: string };
    if (error !== undefined) throw new Error(error);
    return answer;
  }

  close(): void {
    this.#child.stdin?.end();
  }
}
