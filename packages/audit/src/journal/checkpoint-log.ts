import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "@symbiont/filestore";
import { parseJson } from "@symbiont/kit";
import { openNoLink } from "../open-no-link.ts";

const NEWLINE = 0x0a;
/** A note of two signatures takes some 500 bytes. */
const LONGEST_LINE = 1 << 16;
/** When the file is larger, the older half of it is given up. */
const MOST_BYTES = 16 << 20;

/**
 * A file of every signed checkpoint, one JSON string a line, at least the newest eight megabytes of them. It stands behind
 * the newest checkpoint, which has a file of its own: what a crash tore off its end is not missed.
 */
export class CheckpointLog {
  readonly #path: string;
  readonly #mostBytes: number;

  constructor(path: string, mostBytes: number = MOST_BYTES) {
    this.#path = path;
    this.#mostBytes = mostBytes;
  }

  /** Adds a checkpoint that is durable already; itself it is not synced. */
  async append(note: string): Promise<void> {
    const descriptor = openNoLink(dirname(this.#path), this.#path, constants.O_RDWR | constants.O_CREAT);
    let newer: Uint8Array | undefined;
    try {
      const end = wholeLines(descriptor);
      ftruncateSync(descriptor, end);
      const line = Buffer.from(`${JSON.stringify(note)}\n`);
      for (let written = 0; written < line.length; )
        written += writeSync(descriptor, line, written, line.length - written, end + written);
      if (end + line.length > this.#mostBytes)
        newer = readTail(descriptor, end + line.length, this.#mostBytes >> 1);
    } finally {
      closeSync(descriptor);
    }
    if (newer !== undefined) await replaceFile(this.#path, newer.subarray(newer.indexOf(NEWLINE) + 1));
  }

  /** The newest checkpoint; undefined when there is none that can be read. */
  newest(): string | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch {
      return undefined;
    }
    try {
      const end = wholeLines(descriptor);
      const tail = readTail(descriptor, end, LONGEST_LINE);
      const line = tail.subarray(tail.lastIndexOf(NEWLINE, -2) + 1, -1);
      const note = line.length === 0 ? undefined : parseJson(line, { maxBytes: LONGEST_LINE });
      return typeof note === "string" ? note : undefined;
    } catch {
      return undefined;
    } finally {
      closeSync(descriptor);
    }
  }
}

/** Where the last whole line ends, in bytes. */
function wholeLines(descriptor: number): number {
  const { size } = fstatSync(descriptor);
  const tail = readTail(descriptor, size, LONGEST_LINE);
  return size - tail.length + tail.lastIndexOf(NEWLINE) + 1;
}

function readTail(descriptor: number, end: number, most: number): Buffer {
  const tail = Buffer.alloc(Math.min(end, most));
  return tail.subarray(0, readSync(descriptor, tail, 0, tail.length, end - tail.length));
}
