/** Version of the language between host and guest agent. */
export const PROTOCOL_VERSION = 2;
/** Bytes of one frame beside its length and type. */
export const MAX_PAYLOAD = 65_536;
/** Connections of a guest to its proxy at once. */
export const MAX_STREAMS = 64;
/** Bytes of a connection that are on their way in one direction. */
export const STREAM_WINDOW = 32_768;

/** What the host says, as `guest/protocol.h` has it. */
export const TO_GUEST = {
  hello: 1,
  setup: 2,
  textPart: 3,
  argument: 4,
  variable: 5,
  filter: 6,
  start: 7,
  input: 8,
  kill: 9,
  fileOpen: 10,
  filePart: 11,
  fileClose: 12,
  fileRead: 13,
  network: 14,
  streamGive: 15,
  streamTook: 16,
  streamDrop: 17,
} as const;

/** What the agent says. */
export const TO_HOST = {
  ready: 65,
  done: 66,
  refused: 67,
  stdout: 68,
  stderr: 69,
  taken: 70,
  ended: 71,
  notStarted: 72,
  fileData: 73,
  streamOpen: 74,
  streamSays: 75,
  streamTaken: 76,
  streamDropped: 77,
} as const;

const LENGTH_BYTES = 4;

/** One frame: length of what follows, type, payload. At most {@link MAX_PAYLOAD} bytes. */
export function encodeFrame(type: number, payload: Uint8Array = new Uint8Array()): Uint8Array {
  if (payload.length > MAX_PAYLOAD) throw new RangeError("payload is too long for a frame");
  const frame = new Uint8Array(LENGTH_BYTES + 1 + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length + 1, true);
  frame[LENGTH_BYTES] = type;
  frame.set(payload, LENGTH_BYTES + 1);
  return frame;
}

/** Whole numbers of 64 bits, one after the other. */
export function encodeNumbers(...numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, number] of numbers.entries()) view.setBigUint64(index * 8, BigInt(number), true);
  return bytes;
}

/** Takes frames out of a stream that a guest may have written: it holds never more than one. */
export class FrameReader {
  readonly #take: (type: number, payload: Uint8Array) => void;
  readonly #frame = new Uint8Array(LENGTH_BYTES + 1 + MAX_PAYLOAD);
  #have = 0;

  /** @param take gets each frame; the payload is its own. */
  constructor(take: (type: number, payload: Uint8Array) => void) {
    this.#take = take;
  }

  /** @throws RangeError for what is no frame; nothing is to be pushed after that. */
  push(chunk: Uint8Array): void {
    for (let offset = 0; offset < chunk.length; ) {
      const wanted = this.#have < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + this.#length();
      const piece = chunk.subarray(offset, offset + wanted - this.#have);
      this.#frame.set(piece, this.#have);
      this.#have += piece.length;
      offset += piece.length;
      if (this.#have === LENGTH_BYTES) this.#length();
      else if (this.#have === wanted) {
        this.#have = 0;
        this.#take(this.#frame[LENGTH_BYTES] as number, this.#frame.slice(LENGTH_BYTES + 1, wanted));
      }
    }
  }

  #length(): number {
    const length = new DataView(this.#frame.buffer).getUint32(0, true);
    if (length === 0 || length > MAX_PAYLOAD + 1) throw new RangeError("not a frame");
    return length;
  }
}
