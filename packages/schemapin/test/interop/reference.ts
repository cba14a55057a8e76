import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A program that answers questions about another implementation, or why there is none. */
export interface Oracle {
  /** Part of a test title that says why it does not run; empty when it does. */
  readonly why: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** A process that answers questions with another implementation, in the order they are asked. */
export class Reference {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: unknown) => void)[] = [];

  constructor({ command, args }: Oracle) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
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
