import { closeSync, constants, lstatSync, openSync, unlinkSync, writeSync } from "node:fs";

const RETRY_MS = 1_000;

/** Disk space set aside while there is some, and given up when there is none, so that last records still fit. */
export class SpaceReserve {
  readonly #path: string;
  readonly #bytes: number;
  #triedAt = Number.NEGATIVE_INFINITY;
  #kept = false;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Sets the space aside, if there is any. */
  keep(): void {
    this.#set();
  }

  /** Whether new attempts may be taken: false once the reserve was given up and the disk is still full. */
  get intact(): boolean {
    if (this.#kept || this.#bytes === 0) return true;
    const now = performance.now();
    if (now - this.#triedAt < RETRY_MS) return false;
    this.#triedAt = now;
    return this.#set();
  }

  /** Gives the space up; false when that was done before. */
  release(): boolean {
    if (!this.#kept) return false;
    this.#kept = false;
    this.#triedAt = performance.now();
    return this.#remove();
  }

  #set(): boolean {
    if (this.#bytes === 0) return false;
    if (lstatSync(this.#path, { throwIfNoEntry: false })?.size === this.#bytes) {
      this.#kept = true;
      return true;
    }
    this.#remove();
    try {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const descriptor = openSync(this.#path, flags, 0o600);
      try {
        // Not zeros, which a file system may keep without using any space.
        const bytes = Buffer.alloc(this.#bytes, 0x20);
        for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
      } finally {
        closeSync(descriptor);
      }
      this.#kept = true;
    } catch {
      this.#remove();
    }
    return this.#kept;
  }

  #remove(): boolean {
    try {
      unlinkSync(this.#path);
      return true;
    } catch {
      return false;
    }
  }
}
