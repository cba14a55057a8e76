import { concatBytes } from "@symbiont/kit";
import { BusReader } from "./bus-reader.ts";
import { type BusArgument, BusWriter, signatureOf } from "./bus-writer.ts";

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
