import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputFrames } from "../src/tiers/docker/output-frames.ts";

function frame(stream: number, text: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(text.length, 4);
  return Buffer.concat([header, text]);
}

async function read(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("streams come out as they went in, however the connection cuts them", async () => {
  const piece = fc.record({ stream: fc.constantFrom(1, 2), text: fc.uint8Array({ maxLength: 50 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 20 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      async (pieces, cuts) => {
        const frames = new OutputFrames();
        const out = Promise.all([read(frames.stdout), read(frames.stderr)]);
        let all: Uint8Array = Buffer.concat(pieces.map(({ stream, text }) => frame(stream, text)));
        while (all.length > 0) {
          const length = cuts.next().value as number;
          frames.push(all.subarray(0, length));
          all = all.subarray(length);
        }
        frames.end();
        const of = (wanted: number): Buffer =>
          Buffer.concat(pieces.filter(({ stream }) => stream === wanted).map(({ text }) => text));
        expect(await out).toEqual([of(1), of(2)]);
      },
    ),
  );
});

test("a frame of no stream, or of a length that no engine sends, is refused", () => {
  expect(() => new OutputFrames().push(frame(3, new Uint8Array(1)))).toThrow(RangeError);
  const long = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  expect(() => new OutputFrames().push(long)).toThrow(RangeError);
});

test("what nobody takes is thrown away once nobody wants it, and the next frame is still found", async () => {
  const frames = new OutputFrames();
  // More than a stream holds, which newer runtimes let be 64 KiB.
  const piece = frame(1, new Uint8Array(131_072));
  expect(frames.push(piece)).toBe(false);
  frames.isDropping = true;
  for (let count = 0; count < 1_000; count += 1) expect(frames.push(piece)).toBe(true);
  expect(frames.stdout.readableLength).toBeLessThan(400_000);
  frames.push(frame(2, Buffer.from("end")));
  frames.end();
  frames.stdout.resume();
  expect((await read(frames.stderr)).toString()).toBe("end");
});
