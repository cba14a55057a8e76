/** What the first message of TLS says about whom it is for. */
export interface ClientHello {
  /** Host name as it is written there; undefined when there is none. */
  readonly serverName: string | undefined;
  /** Whether the real name may be another one, which only the server can read. */
  readonly hasEncryptedHello: boolean;
}

const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
const HANDSHAKE_RECORD = 22;
const MAX_RECORD = 16_384;
const CLIENT_HELLO = 1;
/** Real ones are in one or two. */
const MAX_RECORDS = 8;
/** Bytes of the message; no client needs a quarter of it. */
const MAX_HELLO = 16_384;
/** Bytes after which {@link readClientHello} has an answer. */
export const MAX_HELLO_BYTES: number = MAX_HELLO + MESSAGE_HEADER + MAX_RECORDS * RECORD_HEADER;
const SERVER_NAME = 0;
/** @see https://www.rfc-editor.org/rfc/rfc9849 */
const ENCRYPTED_HELLO = 0xfe0d;
const HOST_NAME = 0;

/**
 * Reads the beginning of a stream as a TLS ClientHello.
 *
 * @returns undefined when more bytes are needed.
 * @throws RangeError when it is none, or too long.
 * @see https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2
 */
export function readClientHello(bytes: Uint8Array): ClientHello | undefined {
  const message = joinRecords(bytes);
  if (message === undefined) return undefined;
  const body = new Cursor(message);
  body.skip(2 + 32);
  body.vector(1);
  body.vector(2);
  body.vector(1);
  return readExtensions(body.isDone ? new Cursor(new Uint8Array()) : last(body, 2));
}

/** The body of the handshake message, which may be cut into records anywhere. */
function joinRecords(bytes: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let have = 0;
  for (let offset = 0; ; ) {
    if (offset < bytes.length && bytes[offset] !== HANDSHAKE_RECORD) throw new RangeError("not a handshake");
    if (bytes.length - offset < RECORD_HEADER) return undefined;
    const length = ((bytes[offset + 3] as number) << 8) | (bytes[offset + 4] as number);
    if (bytes[offset + 1] !== 3 || length === 0 || length > MAX_RECORD) throw new RangeError("not a record");
    const end = offset + RECORD_HEADER + length;
    const part = bytes.subarray(offset + RECORD_HEADER, end);
    parts.push(part);
    have += part.length;
    const wanted = messageLength(parts, have);
    if (wanted !== undefined && have >= wanted)
      return new Uint8Array(Buffer.concat(parts)).subarray(MESSAGE_HEADER, wanted);
    if (end > bytes.length) return undefined;
    if (parts.length === MAX_RECORDS) throw new RangeError("too many records");
    offset = end;
  }
}

/** Header included; undefined until it is known. */
function messageLength(parts: readonly Uint8Array[], have: number): number | undefined {
  const head = parts.flatMap((part) => [...part.subarray(0, MESSAGE_HEADER)]);
  const [type, high = 0, middle = 0, low = 0] = head;
  if (type !== undefined && type !== CLIENT_HELLO) throw new RangeError("not a ClientHello");
  if (have < MESSAGE_HEADER) return undefined;
  const length = (high << 16) | (middle << 8) | low;
  if (length > MAX_HELLO) throw new RangeError("ClientHello is too long");
  return MESSAGE_HEADER + length;
}

function readExtensions(extensions: Cursor): ClientHello {
  const seen = new Set<number>();
  let serverName: string | undefined;
  while (!extensions.isDone) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    // Of two, it is not certain which one a server goes by.
    if (seen.has(type)) throw new RangeError("an extension is there twice");
    seen.add(type);
    if (type === SERVER_NAME) serverName = readServerName(content);
  }
  return { serverName, hasEncryptedHello: seen.has(ENCRYPTED_HELLO) };
}

function readServerName(content: Uint8Array): string {
  const entry = last(new Cursor(content), 2);
  if (entry.number(1) !== HOST_NAME) throw new RangeError("not a host name");
  const name = entry.vector(2);
  if (!entry.isDone) throw new RangeError("more than one server name");
  return Buffer.from(name).toString("latin1");
}

/** The vector that is all that is left. */
function last(cursor: Cursor, lengthBytes: number): Cursor {
  const content = cursor.vector(lengthBytes);
  if (!cursor.isDone) throw new RangeError("bytes after the end");
  return new Cursor(content);
}

class Cursor {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#offset === this.#bytes.length;
  }

  number(bytes: number): number {
    let value = 0;
    for (const byte of this.#take(bytes)) value = value * 256 + byte;
    return value;
  }

  vector(lengthBytes: number): Uint8Array {
    return this.#take(this.number(lengthBytes));
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new RangeError("it ends too early");
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}
