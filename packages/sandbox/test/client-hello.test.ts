import { Duplex } from "node:stream";
import { connect } from "node:tls";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_HELLO_BYTES, readClientHello } from "../src/network/client-hello.ts";

/** What OpenSSL says first. */
async function helloOf(servername: string | undefined): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const socket = new Duplex({
      read: () => undefined,
      write: (chunk: Uint8Array, _, done) => {
        resolve(new Uint8Array(chunk));
        done();
      },
    });
    connect({ socket, ...(servername === undefined ? {} : { servername }) }).on("error", () => undefined);
  });
}

const extension = (type: number, content: readonly number[]): number[] => [
  ...u16(type),
  ...u16(content.length),
  ...content,
];
const u16 = (value: number): number[] => [value >> 8, value & 255];
const name = (text: string): number[] => {
  const bytes = [...Buffer.from(text)];
  return extension(0, [...u16(bytes.length + 3), 0, ...u16(bytes.length), ...bytes]);
};
const records = (message: readonly number[], at: number): Uint8Array =>
  Uint8Array.from(
    [message.slice(0, at), message.slice(at)]
      .filter((part) => part.length > 0)
      .flatMap((part) => [22, 3, 1, ...u16(part.length), ...part]),
  );
const message = (extensions: readonly number[]): number[] => {
  const body = [
    3,
    3,
    ...Array<number>(32).fill(7),
    0,
    0,
    2,
    0x13,
    1,
    1,
    0,
    ...u16(extensions.length),
    ...extensions,
  ];
  return [1, 0, ...u16(body.length), ...body];
};

test("the name that a real client sends is read, wherever its bytes are cut", async () => {
  const hello = await helloOf("allowed.test");
  for (let length = 0; length < hello.length; length += 1)
    expect(readClientHello(hello.subarray(0, length))).toBeUndefined();
  expect(readClientHello(hello)).toEqual({ serverName: "allowed.test", hasEncryptedHello: false });
  expect(readClientHello(await helloOf(undefined))).toEqual({
    serverName: undefined,
    hasEncryptedHello: false,
  });
});

test("a message that is cut into records is the same message", () => {
  const whole = message(name("allowed.test"));
  for (let at = 0; at < whole.length; at += 1)
    expect(readClientHello(records(whole, at))?.serverName).toBe("allowed.test");
});

test("an encrypted hello is seen: the server that it is really for is not", () => {
  const hello = records(message([...name("allowed.test"), ...extension(0xfe0d, [0, 1, 2])]), 9);
  expect(readClientHello(hello)).toEqual({ serverName: "allowed.test", hasEncryptedHello: true });
});

test.each([
  ["two names", message([...name("allowed.test"), ...name("evil.test")])],
  ["two names in one list", message(extension(0, [0, 10, 0, 0, 2, 97, 97, 0, 0, 2, 98, 98]))],
  ["a name of another kind", message(extension(0, [0, 4, 1, 0, 1, 97]))],
  ["an extension longer than what there is", message([0, 0, 0xff, 0xff, 1])],
  ["bytes behind the extensions", [1, 0, 0, 46, ...message([]).slice(4), 9, 9, 9]],
  ["another message", [2, ...message([]).slice(1)]],
  ["a message without end", [1, 0xff, 0xff, 0xff]],
])("%s is no hello", (_, bytes) => {
  expect(() => readClientHello(records(bytes, 0))).toThrow(RangeError);
});

test("many small records are no hello", () => {
  const all = message(name("allowed.test"));
  const small = Uint8Array.from(all.flatMap((byte) => [22, 3, 1, 0, 1, byte]));
  expect(() => readClientHello(small)).toThrow(RangeError);
});

test("of any bytes it is known soon what they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: MAX_HELLO_BYTES, maxLength: MAX_HELLO_BYTES }), (bytes) => {
      bytes.set([22, 3, 1]);
      try {
        expect(readClientHello(bytes)).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 200 },
  );
});
