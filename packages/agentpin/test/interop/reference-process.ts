import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process that answers questions with the reference, in the order they are asked. */
export class ReferenceProcess {
  readonly #child: ChildProcess;
  readonly #waiting: ((line: string) => void)[] = [];

  constructor(command: string, args: readonly string[] = []) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
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
