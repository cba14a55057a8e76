import { readdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { replaceFile } from "@symbiont/filestore";

/** Keeps older generations of a file beside it, as `<file>.g<generation>`. */
export class Backups {
  readonly #count: number;

  /** @param count of generations to keep; 0 for none. */
  constructor(count: number) {
    this.#count = count;
  }

  /** Whether any generation is to be kept. */
  get wanted(): boolean {
    return this.#count > 0;
  }

  /** Keeps a generation before it is replaced. Doing it twice does no harm. @throws FilestoreError. */
  async keep(path: string, generation: number, bytes: Uint8Array): Promise<void> {
    if (this.#count > 0) await replaceFile(`${path}.g${generation}`, bytes);
  }

  /** Removes what is more than was asked for. What cannot be removed stays. */
  async prune(path: string): Promise<void> {
    if (this.#count === 0) return;
    const prefix = `${basename(path)}.g`;
    const names = await readdir(dirname(path)).catch(() => []);
    const generations = names
      .filter((name) => name.startsWith(prefix) && /^[1-9][0-9]*$/.test(name.slice(prefix.length)))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((a, b) => b - a);
    for (const generation of generations.slice(this.#count))
      await unlink(join(dirname(path), `${prefix}${generation}`)).catch(() => undefined);
  }
}
