import { readSync } from "node:fs";

const NEWLINE = 0x0a;
const NUL = 0x00;

/** Tells whether a file ends where a line ends. */
export function endsWithNewline(descriptor: number, size: number): boolean {
  if (size === 0) return true;
  const last = new Uint8Array(1);
  return readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE;
}

/** Refuses a batch that the reader would take for torn. */
export function assertWholeLines(batch: Uint8Array): void {
  const view = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  if (view.at(-1) !== NEWLINE || view.includes(NUL))
    throw new RangeError("chunks must together end with a newline and hold no NUL byte");
}
