import { fdatasync, openSync, writeSync } from "node:fs";

/** Group commit and nothing else: what any durable log with many producers has to pay. */
export class BareGroupCommit {
  readonly #descriptor: number;
  #waiting: (() => void)[] = [];
  #lines: string[] = [];
  #writing = false;

  constructor(path: string) {
    this.#descriptor = openSync(path, "wx", 0o600);
  }

  async append(line: string): Promise<void> {
    return new Promise((resolve) => {
      this.#lines.push(line);
      this.#waiting.push(resolve);
      if (!this.#writing) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#writing = true;
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      writeSync(this.#descriptor, this.#lines.join(""));
      this.#waiting = [];
      this.#lines = [];
      await new Promise<void>((resolve) => {
        fdatasync(this.#descriptor, () => resolve());
      });
      for (const resolve of waiting) resolve();
    }
    this.#writing = false;
  }
}
