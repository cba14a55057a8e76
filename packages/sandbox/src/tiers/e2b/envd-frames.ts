import { encodeUtf8 } from "@symbiont/kit";

const HEADER_BYTES = 5;
/** The daemon sends output in pieces of 32 KiB, in base64. What claims to be much longer is no message of its. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
const COMPRESSED = 1;
const END_OF_STREAM = 2;

/** One message of a stream. */
export interface EnvdMessage {
  /** Whether it is the last one, which says how the call ended. */
  readonly isEnd: boolean;
  readonly payload: Uint8Array;
}

/** A message on its way to the daemon. @see https://connectrpc.com/docs/protocol/#streaming-rpcs */
export function encodeMessage(message: object): Uint8Array {
  const payload = encodeUtf8(JSON.stringify(message));
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/**
 * Takes a stream of messages apart: a byte of flags, a length, and so many bytes each. The guest may have put its own
 * daemon in the place of the service's, so that no length is believed: nothing is set aside before it has come.
 */
export class MessageReader {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerLength = 0;
  #pieces: Uint8Array[] = [];
  #left = 0;

  /** @throws RangeError for what is no message. */
  *push(chunk: Uint8Array): Generator<EnvdMessage, void, undefined> {
    for (let offset = 0; offset < chunk.length; ) {
      if (this.#headerLength < HEADER_BYTES) {
        const piece = chunk.subarray(offset, offset + HEADER_BYTES - this.#headerLength);
        this.#header.set(piece, this.#headerLength);
        this.#headerLength += piece.length;
        offset += piece.length;
        if (this.#headerLength === HEADER_BYTES) this.#begin();
      } else {
        const piece = chunk.subarray(offset, offset + this.#left);
        this.#pieces.push(piece);
        this.#left -= piece.length;
        offset += piece.length;
      }
      if (this.#headerLength === HEADER_BYTES && this.#left === 0) yield this.#whole();
    }
  }

  #begin(): void {
    this.#left = this.#header.readUInt32BE(1);
    const flags = this.#header[0] ?? COMPRESSED;
    if (this.#left > MAX_MESSAGE_BYTES || (flags & ~END_OF_STREAM) !== 0)
      throw new RangeError("not a message");
  }

  #whole(): EnvdMessage {
    const payload = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#headerLength = 0;
    return { isEnd: this.#header[0] === END_OF_STREAM, payload };
  }
}
