/**
 * The part of Node's Buffer that is used: it reads encodings faster than JavaScript does, and takes small arrays from
 * one lasting block, where a new array would cost an allocation outside the engine's heap.
 */
export interface RuntimeBuffer {
  /** Lenient: passes over characters that the encoding does not know. */
  from(text: string, encoding: string): Uint8Array & { toString(encoding: string): string };
  concat(parts: readonly Uint8Array[]): Uint8Array;
}

/** Buffer, where the runtime has it. */
export function runtimeBuffer(): RuntimeBuffer | undefined {
  return (globalThis as { Buffer?: RuntimeBuffer }).Buffer;
}
