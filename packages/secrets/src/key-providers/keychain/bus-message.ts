import { concatBytes, decodeUtf8, encodeUtf8 } from "@symbiont/kit";

/** Longest message that is read: answers here are a few paths. */
const MAX_MESSAGE_BYTES = 1 << 20;
const FIXED_HEADER_BYTES = 16;
const LITTLE_ENDIAN = 0x6c;
const METHOD_CALL = 1;
const FIELD = {
  path: 1,
  interface: 2,
  member: 3,
  errorName: 4,
  replySerial: 5,
  destination: 6,
  signature: 8,
};

/** An argument of a call: text, a number of 32 bits, or a dictionary of texts. */
export type BusArgument = string | number | Readonly<Record<string, string>>;

/** A method that is called on the bus. */
export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body?: readonly BusArgument[];
}

/** What comes back, or a signal that nobody asked for. */
export interface BusMessage {
  readonly kind: "return" | "error" | "other";
  readonly replySerial: number | undefined;
  readonly errorName: string | undefined;
  /** Reads the body from its beginning. */
  readonly body: BusReader;
}

/** Writes a call. @see https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol-messages */
export function writeCall(call: BusCall, serial: number): Uint8Array {
  const body = new BusWriter();
  for (const argument of call.body ?? []) body.argument(argument);
  const header = new BusWriter();
  header.field(FIELD.path, "o", call.path);
  header.field(FIELD.interface, "s", call.interface);
  header.field(FIELD.member, "s", call.member);
  header.field(FIELD.destination, "s", call.destination);
  if (call.body !== undefined) header.field(FIELD.signature, "g", call.body.map(signatureOf).join(""));

  const fixed = new BusWriter();
  fixed.bytes.push(LITTLE_ENDIAN, METHOD_CALL, 0, 1);
  fixed.uint32(body.bytes.length);
  fixed.uint32(serial);
  fixed.uint32(header.bytes.length);
  header.align(8);
  return concatBytes(...[fixed, header, body].map(({ bytes }) => Uint8Array.from(bytes)));
}

/**
 * Takes the first message out of what was received.
 * @returns undefined until it is there as a whole.
 * @throws RangeError when it is not a message.
 */
export function readMessage(received: Uint8Array): { message: BusMessage; length: number } | undefined {
  if (received.length < FIXED_HEADER_BYTES) return undefined;
  const littleEndian = received[0] === LITTLE_ENDIAN;
  const start = new BusReader(received, littleEndian, 4);
  const bodyLength = start.uint32();
  start.uint32();
  const headerEnd = FIXED_HEADER_BYTES + start.uint32();
  const bodyStart = Math.ceil(headerEnd / 8) * 8;
  const length = bodyStart + bodyLength;
  if (length > MAX_MESSAGE_BYTES) throw new RangeError("a message is too long");
  if (received.length < length) return undefined;

  const header = new BusReader(received.subarray(0, headerEnd), littleEndian, FIXED_HEADER_BYTES);
  const fields = header.fields();
  const kind = received[1] === 2 ? "return" : received[1] === 3 ? "error" : "other";
  const replySerial = fields.get(FIELD.replySerial);
  const errorName = fields.get(FIELD.errorName);
  const message: BusMessage = {
    kind,
    replySerial: typeof replySerial === "number" ? replySerial : undefined,
    errorName: typeof errorName === "string" ? errorName : undefined,
    body: new BusReader(received.slice(bodyStart, length), littleEndian, 0),
  };
  return { message, length };
}

function signatureOf(argument: BusArgument): string {
  if (typeof argument === "string") return "s";
  return typeof argument === "number" ? "u" : "a{ss}";
}

/** Writes values, little-endian, each aligned to its size. */
class BusWriter {
  readonly bytes: number[] = [];

  align(size: number): void {
    while (this.bytes.length % size !== 0) this.bytes.push(0);
  }

  uint32(value: number): void {
    this.align(4);
    this.bytes.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }

  text(value: string): void {
    const bytes = encodeUtf8(value);
    this.uint32(bytes.length);
    this.bytes.push(...bytes, 0);
  }

  signature(value: string): void {
    this.bytes.push(value.length, ...encodeUtf8(value), 0);
  }

  field(code: number, type: "o" | "s" | "g", value: string): void {
    this.align(8);
    this.bytes.push(code);
    this.signature(type);
    if (type === "g") this.signature(value);
    else this.text(value);
  }

  argument(value: BusArgument): void {
    if (typeof value === "string") this.text(value);
    else if (typeof value === "number") this.uint32(value);
    else this.dictionary(value);
  }

  dictionary(entries: Readonly<Record<string, string>>): void {
    this.uint32(0);
    const lengthAt = this.bytes.length - 4;
    this.align(8);
    const start = this.bytes.length;
    for (const [name, value] of Object.entries(entries)) {
      this.align(8);
      this.text(name);
      this.text(value);
    }
    const length = new BusWriter();
    length.uint32(this.bytes.length - start);
    this.bytes.splice(lengthAt, 4, ...length.bytes);
  }
}

/** Reads values one after another. @throws RangeError beyond the end, or on a type that is not expected. */
export class BusReader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #littleEndian: boolean;
  #offset: number;

  constructor(bytes: Uint8Array, littleEndian: boolean, offset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.#offset = offset;
  }

  uint32(): number {
    this.#align(4);
    const value = this.#view.getUint32(this.#offset, this.#littleEndian);
    this.#offset += 4;
    return value;
  }

  text(): string {
    return this.#text(this.uint32());
  }

  texts(): readonly string[] {
    const end = this.uint32() + this.#offset;
    const texts: string[] = [];
    while (this.#offset < end) texts.push(this.text());
    return texts;
  }

  /** The fields of a header, by code. */
  fields(): ReadonlyMap<number, string | number> {
    const fields = new Map<number, string | number>();
    while (this.#offset < this.#bytes.length) {
      this.#align(8);
      const code = this.#byte();
      const type = this.#text(this.#byte());
      fields.set(code, this.#value(type));
    }
    return fields;
  }

  #value(type: string): string | number {
    if (type === "u") return this.uint32();
    if (type === "g") return this.#text(this.#byte());
    if (type === "s" || type === "o") return this.text();
    throw new RangeError("a header field has an unknown type");
  }

  #byte(): number {
    const value = this.#view.getUint8(this.#offset);
    this.#offset += 1;
    return value;
  }

  #text(length: number): string {
    const end = this.#offset + length;
    if (end >= this.#bytes.length) throw new RangeError("a text is longer than its message");
    const value = decodeUtf8(this.#bytes.subarray(this.#offset, end));
    this.#offset = end + 1;
    return value;
  }

  #align(size: number): void {
    this.#offset = Math.ceil(this.#offset / size) * size;
  }
}
