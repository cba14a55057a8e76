import type { Terminal } from "../../program/terminal.ts";

const WIDTH = 32;
const LEAST_MS = 50;

/** Shows how far something is, on a terminal only; redrawn at most twenty times a second. */
export class ProgressBar {
  readonly #stderr: Terminal["stderr"];
  readonly #isShown: boolean;
  #last = 0;

  constructor({ stderr, env }: Terminal) {
    this.#stderr = stderr;
    this.#isShown = stderr.isTTY === true && env["TERM"] !== "dumb";
  }

  /** @param share from 0 to 1. */
  show(share: number, text: string): void {
    const now = performance.now();
    if (!this.#isShown || (now - this.#last < LEAST_MS && share < 1)) return;
    this.#last = now;
    const done = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
    const bar = "#".repeat(done) + "-".repeat(WIDTH - done);
    this.#stderr.write(`\r[${bar}] ${String(Math.floor(share * 100)).padStart(3)} % ${text}\u001b[K`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#isShown && this.#last > 0) this.#stderr.write("\r\u001b[K");
  }
}
