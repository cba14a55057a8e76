import { connect, type Socket } from "node:net";
import { MAX_STREAMS, STREAM_WINDOW, TO_GUEST, TO_HOST } from "./agent-frames.ts";

const NUMBER_BYTES = 4;

/** One connection of the guest, and what is on its way. */
interface Stream {
  readonly socket: Socket;
  /** Bytes that the guest takes now. */
  credit: number;
  /** Bytes of the guest that the proxy has not taken. */
  owed: number;
  /** What the proxy has said and the guest cannot take yet; nothing more is read then. */
  waiting: Uint8Array;
  hasGuestEnded: boolean;
  /** Whether nothing more is read from the proxy; and whether the guest knows. */
  isAllRead: boolean;
  hasProxyEnded: boolean;
}

/**
 * Connections that programs of a machine make to their proxy, carried over the machine's one channel to a socket of the
 * host. Of each, a bounded number of bytes is on its way in either direction.
 */
export class GuestStreams {
  readonly #socketPath: string;
  readonly #tell: (type: number, payload: Uint8Array) => void;
  readonly #streams = new Map<number, Stream>();
  #lastNumber = 0;
  #isClosed = false;

  /** @param tell says something to the agent. */
  constructor(socketPath: string, tell: (type: number, payload: Uint8Array) => void) {
    this.#socketPath = socketPath;
    this.#tell = tell;
  }

  /** Takes a frame of the agent's. @throws RangeError for what an agent that keeps to the protocol does not say. */
  take(type: number, payload: Uint8Array): void {
    if (payload.length < NUMBER_BYTES) throw new RangeError("not a stream");
    const number = numberAt(payload, 0);
    if (type === TO_HOST.streamOpen) return this.#open(number);
    const stream = this.#streams.get(number);
    // The host may have given it up in the meantime.
    if (stream === undefined) return;
    switch (type) {
      case TO_HOST.streamSays:
        return this.#pass(number, stream, payload.subarray(NUMBER_BYTES));
      case TO_HOST.streamTaken: {
        if (payload.length !== 2 * NUMBER_BYTES) throw new RangeError("not a number");
        stream.credit += numberAt(payload, NUMBER_BYTES);
        if (stream.credit > STREAM_WINDOW) throw new RangeError("more was taken than was given");
        return this.#give(number, stream);
      }
      case TO_HOST.streamDropped:
        return this.#forget(number, stream);
      default:
        throw new RangeError("no such type of frame");
    }
  }

  /** Ends every connection. */
  close(): void {
    this.#isClosed = true;
    for (const [number, stream] of this.#streams) this.#forget(number, stream);
  }

  #open(number: number): void {
    // A number is never used again, so that what is late is nobody else's.
    if (number <= this.#lastNumber || this.#streams.size >= MAX_STREAMS) throw new RangeError("not a stream");
    this.#lastNumber = number;
    if (this.#isClosed) return;
    const socket = connect({ path: this.#socketPath, allowHalfOpen: true });
    const stream: Stream = {
      socket,
      credit: STREAM_WINDOW,
      owed: 0,
      waiting: new Uint8Array(),
      hasGuestEnded: false,
      isAllRead: false,
      hasProxyEnded: false,
    };
    this.#streams.set(number, stream);
    socket.on("data", (chunk: Uint8Array) => {
      stream.waiting = chunk;
      this.#give(number, stream);
    });
    socket.on("end", () => {
      stream.isAllRead = true;
      this.#give(number, stream);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => this.#dropWhenTold(number, stream));
  }

  #pass(number: number, stream: Stream, bytes: Uint8Array): void {
    stream.owed += bytes.length;
    if (stream.hasGuestEnded || stream.owed > STREAM_WINDOW)
      throw new RangeError("more than there is room for");
    if (bytes.length === 0) {
      stream.hasGuestEnded = true;
      stream.socket.end();
      return this.#forgetWhenOver(number, stream);
    }
    stream.socket.write(bytes, (error) => {
      if (error != null || this.#streams.get(number) !== stream) return;
      stream.owed -= bytes.length;
      const taken = new Uint8Array(NUMBER_BYTES);
      new DataView(taken.buffer).setUint32(0, bytes.length, true);
      this.#say(TO_GUEST.streamTook, number, taken);
    });
    return undefined;
  }

  #give(number: number, stream: Stream): void {
    const { socket, waiting } = stream;
    const piece = waiting.subarray(0, stream.credit);
    if (piece.length > 0) {
      stream.credit -= piece.length;
      stream.waiting = waiting.subarray(piece.length);
      this.#say(TO_GUEST.streamGive, number, piece);
    }
    if (stream.waiting.length > 0) return void socket.pause();
    if (!stream.isAllRead) return socket.isPaused() ? void socket.resume() : undefined;
    if (stream.hasProxyEnded) return;
    stream.hasProxyEnded = true;
    this.#say(TO_GUEST.streamGive, number);
    this.#forgetWhenOver(number, stream);
    if (socket.destroyed) this.#dropWhenTold(number, stream);
  }

  /** A connection that is gone is given up as soon as the guest has been given all of it. */
  #dropWhenTold(number: number, stream: Stream): void {
    const isTold = stream.hasProxyEnded || !stream.isAllRead;
    if (!isTold || this.#streams.get(number) !== stream) return;
    this.#say(TO_GUEST.streamDrop, number);
    this.#forget(number, stream);
  }

  /** What has been said to the proxy still reaches it. */
  #forgetWhenOver(number: number, stream: Stream): void {
    if (stream.hasGuestEnded && stream.hasProxyEnded) this.#streams.delete(number);
  }

  #forget(number: number, { socket }: Stream): void {
    this.#streams.delete(number);
    socket.destroy();
  }

  #say(type: number, number: number, bytes: Uint8Array = new Uint8Array()): void {
    const payload = new Uint8Array(NUMBER_BYTES + bytes.length);
    new DataView(payload.buffer).setUint32(0, number, true);
    payload.set(bytes, NUMBER_BYTES);
    this.#tell(type, payload);
  }
}

function numberAt(payload: Uint8Array, offset: number): number {
  return new DataView(payload.buffer, payload.byteOffset).getUint32(offset, true);
}
