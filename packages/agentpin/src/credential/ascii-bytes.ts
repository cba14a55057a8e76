import { encodeUtf8 } from "@symbiont/kit";

/** Node's `Buffer`, as much of it as is used, where there is one: it takes the bytes from a block that it keeps. */
interface RuntimeBuffer {
  from(text: string, encoding: "latin1"): Uint8Array;
}

/** The bytes of a token, which is ASCII: any other text would be searched for surrogates first. */
export function asciiBytes(token: string): Uint8Array {
  const buffer = (globalThis as { Buffer?: RuntimeBuffer }).Buffer;
  return buffer === undefined ? encodeUtf8(token) : buffer.from(token, "latin1");
}
