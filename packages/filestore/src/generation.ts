import { type BigIntStats, lstatSync } from "node:fs";
import { resolve } from "node:path";
import { ioError } from "./internal/io-error.ts";

/**
 * Which state of a file one has seen. Two equal generations hold the same bytes: `mtimeNs` alone can be put
 * back (`utimes`, `tar`, `rsync -t`), `ctimeNs` cannot.
 */
export interface Generation {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  /** Nanoseconds since the epoch. */
  readonly mtimeNs: bigint;
  /** Nanoseconds since the epoch. */
  readonly ctimeNs: bigint;
}

/** Keeps the identifying part of a `stat`. */
export function generationOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): Generation {
  return { dev, ino, size, mtimeNs, ctimeNs };
}

/**
 * Looks at which generation a path holds now, or undefined when there is no file. One synchronous `lstat`:
 * cheap enough for every read of a cached value.
 * @throws FilestoreError `FILE_ACCESS_DENIED`, `FILE_IO`.
 */
export function fileGeneration(path: string): Generation | undefined {
  try {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? undefined : generationOf(stats);
  } catch (error) {
    throw ioError(error, resolve(path), "looking at the file");
  }
}

/** Tells whether two looks saw the same state; "no file" equals "no file". */
export function sameGeneration(a: Generation | undefined, b: Generation | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.ino === b.ino &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.size === b.size &&
    a.dev === b.dev
  );
}
