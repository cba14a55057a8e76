import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonPackage } from "../../../../scripts/testing/python-package.ts";

/** The published version that documents are exchanged with. */
export const VERSION = "1.3.0";

const reference = pythonPackage("schemapin", VERSION);
const { python } = reference;
const script = fileURLToPath(new URL("./python_reference.py", import.meta.url));

/** Part of a test title that says why it does not run; empty when it does. Nothing is installed. */
export function whyNoReference(): string {
  return reference.isInstalled()
    ? ""
    : " (skipped: the Python reference is not installed; the slow tests do that)";
}

/** Installs the reference once, outside the repository; says why when it cannot be. */
export function installReference(): string {
  return reference.install();
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
