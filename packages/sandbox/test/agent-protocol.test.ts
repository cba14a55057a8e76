import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { AgentClient } from "../src/tiers/microvm/agent-client.ts";
import {
  encodeFrame,
  FrameReader,
  MAX_PAYLOAD,
  PROTOCOL_VERSION,
  TO_HOST,
} from "../src/tiers/microvm/agent-frames.ts";
import type { Machine } from "../src/tiers/microvm/machine.ts";

const folder = mkdtempSync(join(tmpdir(), "protocol-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A machine whose agent says what a test wants. */
function fakeMachine(): { machine: Machine; say: (bytes: Uint8Array) => void; isKilled: () => boolean } {
  let killed = false;
  const channel = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const machine = {
    channel,
    isReady: false,
    ended: new Promise<void>(() => undefined),
    kill: () => {
      killed = true;
    },
    remove: async () => 0,
  };
  return { machine, say: (bytes) => void channel.push(bytes), isKilled: () => killed };
}

test("frames come out as they went in, however they are cut", () => {
  const frames = [0, 1, 17, MAX_PAYLOAD].map((length, index) =>
    encodeFrame(index + 1, new Uint8Array(length).fill(index)),
  );
  const all = Buffer.concat(frames);
  for (const step of [1, 3, 4, 5, 1000, all.length]) {
    const seen: [number, number][] = [];
    const reader = new FrameReader((type, payload) => seen.push([type, payload.length]));
    for (let at = 0; at < all.length; at += step) reader.push(all.subarray(at, at + step));
    expect(seen).toEqual([
      [1, 0],
      [2, 1],
      [3, 17],
      [4, MAX_PAYLOAD],
    ]);
  }
  expect(() => encodeFrame(1, new Uint8Array(MAX_PAYLOAD + 1))).toThrow(RangeError);
});

test("what is no frame is refused as soon as its length is there", () => {
  for (const length of [0, MAX_PAYLOAD + 2, 0xffff_ffff]) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(length);
    expect(() => new FrameReader(() => undefined).push(bytes), String(length)).toThrow(RangeError);
  }
});

test.each([
  ["another version", encodeFrame(TO_HOST.ready, Uint8Array.of(99))],
  ["an answer to nothing", encodeFrame(TO_HOST.refused, Uint8Array.of(1, 0, 0, 0))],
  ["an unknown type", encodeFrame(200)],
  ["a number of the wrong size", encodeFrame(TO_HOST.notStarted, Uint8Array.of(1))],
  ["no frame", new Uint8Array(16).fill(255)],
])("a machine whose agent says %s is ended", async (_name, bytes) => {
  const { machine, say, isKilled } = fakeMachine();
  const ready = new AgentClient(machine).ready(5_000);
  say(bytes);
  await expect(ready).rejects.toMatchObject({ code: "SANDBOX_MACHINE_FAILED", retryable: true });
  expect(isKilled()).toBe(true);
});

test("whatever an agent says ends in an answer or in a typed error, and never in a longer file", async () => {
  let seed = 7;
  const random = (most: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % most;
  };
  for (let round = 0; round < 500; round += 1) {
    const { machine, say } = fakeMachine();
    const client = new AgentClient(machine);
    const ready = client.ready(5_000);
    say(encodeFrame(TO_HOST.ready, Uint8Array.of(PROTOCOL_VERSION)));
    await ready;
    const reading = client.readFile("f", 100);
    await new Promise((resolve) => setImmediate(resolve));
    for (let count = 0; count < 4; count += 1) {
      const payload = Uint8Array.from({ length: random(80) }, () => random(256));
      say(encodeFrame(65 + random(14), payload));
    }
    machine.channel.push(null);
    machine.channel.destroy();
    const outcome = await reading.then(
      (bytes) => bytes.length <= 100,
      (error: { code?: string }) =>
        /^SANDBOX_(?:MACHINE_FAILED|FILE_REFUSED|SPAWN_FAILED)$/.test(String(error.code)),
    );
    expect(outcome).toBe(true);
  }
});

const HARNESS = `
#include "protocol.h"
#include <stdio.h>
#include <unistd.h>
int main(void) {
  static struct reader reader;
  for (;;) {
    uint8_t *at, type;
    const uint8_t *payload;
    uint32_t length;
    size_t room = reader_room(&reader, &at);
    if (room == 0) return 3;
    ssize_t got = read(0, at, room);
    if (got <= 0) return 0;
    int state = reader_took(&reader, (size_t)got, &type, &payload, &length);
    if (state < 0) { puts("broken"); return 0; }
    if (state == 0) continue;
    unsigned sum = 0;
    for (uint32_t i = 0; i < length; i += 1) sum += payload[i];
    printf("%u %u %u\\n", type, length, sum);
    reader_next(&reader);
  }
}`;

test.skipIf(!existsSync("/usr/bin/gcc"))(
  "the agent reads the same frames, and nothing beyond its buffer (skipped: gcc is not installed)",
  () => {
    const source = join(folder, "harness.c");
    const program = join(folder, "harness");
    const guest = fileURLToPath(new URL("../guest/", import.meta.url));
    writeFileSync(source, HARNESS);
    const checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];
    execFileSync("gcc", [...checks, "-I", guest, "-o", program, source, join(guest, "protocol.c")]);
    const told = (input: Uint8Array): string => execFileSync(program, { input, encoding: "utf8" });
    const frames = [
      encodeFrame(1),
      encodeFrame(7, new Uint8Array(MAX_PAYLOAD).fill(1)),
      encodeFrame(9, Uint8Array.of(5)),
    ];
    expect(told(Buffer.concat(frames))).toBe(`1 0 0\n7 ${MAX_PAYLOAD} ${MAX_PAYLOAD}\n9 1 5\n`);
    for (const length of [0, MAX_PAYLOAD + 2, 0x7fff_ffff, 0xffff_ffff]) {
      const bytes = Buffer.alloc(100);
      bytes.writeUInt32LE(length);
      expect(told(bytes)).toBe("broken\n");
    }
    let seed = 1;
    for (let round = 0; round < 60; round += 1) {
      const noise = Buffer.alloc(400);
      for (let index = 0; index < noise.length; index += 1) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
        noise[index] = (seed >>> 16) & (index % 8 < 3 ? 15 : 255);
      }
      // Small lengths now and then, so that more than the first frame is read.
      for (let at = 0; at + 4 < noise.length; at += 20) noise.writeUInt32LE((seed >>> (at % 16)) % 30, at);
      expect(told(noise)).toMatch(/^(?:\d+ \d+ \d+\n)*(?:broken\n)?$/);
    }
  },
);
