import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { OutputBuffer } from "../src/run/captured-output.ts";
import { OutputStream } from "../src/views/ai-sdk/output-stream.ts";
import { MessageLines } from "../src/views/mcp/message-lines.ts";

const PIECES = 200_000;
const MIB = 1024 * 1024;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function inUse(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A guest that writes byte by byte, and waits for each to be read, gives the host as many pieces as bytes. */
test.each([
  ["the output of a run", () => new OutputBuffer(PIECES)],
  [
    "a message without an end",
    () => {
      const lines = new MessageLines(PIECES);
      return { lines, push: (piece: Uint8Array) => [...lines.push(piece)] };
    },
  ],
  ["a stream that nobody reads", () => new OutputStream()],
])("%s takes about as much memory as it has bytes, however small the pieces are", (_, make) => {
  const keeper: { push(piece: Uint8Array): unknown } = make();
  const before = inUse();
  for (let piece = 0; piece < PIECES; piece += 1) keeper.push(Buffer.from(new Uint8Array(1).fill(97)));
  expect(inUse() - before).toBeLessThan(2 * MIB);
  expect(keeper).toBeDefined();
});
