/** A whole line of an append file. */
export interface FileLine {
  readonly kind: "line";
  /** Where the line begins, in bytes. */
  readonly offset: number;
  /** The line without its newline. Yours to keep. */
  readonly bytes: Uint8Array;
}

/**
 * What a crash left at the end of an append file: a last line without its newline, or a line holding a NUL
 * byte (a hole that the file system filled with zeros) and everything after it. None of it was ever promised
 * to be durable, unless the disk lies; whoever holds a proof of what was there can tell.
 */
export interface TornTail {
  readonly kind: "torn";
  /** Where the torn line begins, in bytes; everything before is whole lines. */
  readonly offset: number;
  /** Bytes from `offset` to the end of the file. */
  readonly length: number;
  readonly reason: "unterminated" | "nul";
}

/** What reading an append file yields: lines, and last a torn tail if there is one. */
export type FileEntry = FileLine | TornTail;
