import { read } from "node:fs";

/** Reads up to `length` bytes at `position` on the thread pool; fewer only where the file ends. */
export async function readAt(descriptor: number, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const taken = await readSome(descriptor, bytes, filled, position + filled);
    if (taken === 0) break;
    filled += taken;
  }
  return filled === length ? bytes : bytes.subarray(0, filled);
}

function readSome(descriptor: number, bytes: Uint8Array, offset: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, bytes, offset, bytes.length - offset, position, (error, taken) =>
      error === null ? resolve(taken) : reject(error),
    );
  });
}
