import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AgentClient } from "../src/tiers/microvm/agent-client.ts";
import {
  encodeFrame,
  MAX_STREAMS,
  PROTOCOL_VERSION,
  STREAM_WINDOW,
  TO_GUEST,
  TO_HOST,
} from "../src/tiers/microvm/agent-frames.ts";
import { GuestStreams } from "../src/tiers/microvm/guest-streams.ts";

let folder: string;
let server: Server;
let path: string;
const sockets: Socket[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "streams-"));
  path = join(folder, "proxy");
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

interface Said {
  readonly type: number;
  readonly number: number;
  readonly bytes: Uint8Array;
}

function open(): { streams: GuestStreams; said: Said[] } {
  const said: Said[] = [];
  const streams = new GuestStreams(path, (type, payload) => {
    said.push({ type, number: Buffer.from(payload).readUInt32LE(), bytes: payload.slice(4) });
  });
  return { streams, said };
}

function words(...numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, index * 4);
  return bytes;
}

const says = (number: number, length: number): Uint8Array =>
  Buffer.concat([words(number), new Uint8Array(length).fill(7)]);
const given = (said: readonly Said[]): number =>
  said.reduce((sum, { type, bytes }) => (type === TO_GUEST.streamGive ? sum + bytes.length : sum), 0);

test("a guest that takes nothing is given no more than the window, however much its server says", async () => {
  const { streams, said } = open();
  streams.take(TO_HOST.streamOpen, words(1));
  await vi.waitFor(() => expect(sockets).toHaveLength(1));
  const socket = sockets[0] as Socket;
  const piece = new Uint8Array(65_536).fill(1);
  const written = 8_000_000;
  for (let left = written; left > 0; left -= piece.length) socket.write(piece.subarray(0, left));
  await vi.waitFor(() => expect(given(said)).toBe(STREAM_WINDOW));
  await sleep(100);
  expect(given(said)).toBe(STREAM_WINDOW);
  expect(socket.writableLength).toBeGreaterThan(0);

  // As much as it has taken, it is given again; and the end comes after the last byte.
  socket.end();
  for (let taken = 0; taken < written; ) {
    const more = given(said) - taken;
    if (more > 0) streams.take(TO_HOST.streamTaken, words(1, more));
    taken += more;
    await sleep(0);
  }
  await vi.waitFor(() =>
    expect(said.at(-1)).toMatchObject({ type: TO_GUEST.streamGive, bytes: new Uint8Array() }),
  );
  expect(given(said)).toBe(written);
  streams.close();
});

test("the end of a server that closes at once comes after everything it has said", async () => {
  const { streams, said } = open();
  server.once("connection", (socket) => {
    socket.end(new Uint8Array(STREAM_WINDOW * 2), () => socket.destroy());
  });
  streams.take(TO_HOST.streamOpen, words(1));
  await vi.waitFor(() => expect(given(said)).toBe(STREAM_WINDOW));
  await sleep(50);
  expect(said.every(({ type, bytes }) => type === TO_GUEST.streamGive && bytes.length > 0)).toBe(true);
  streams.take(TO_HOST.streamTaken, words(1, STREAM_WINDOW));
  await vi.waitFor(() => expect(given(said)).toBe(2 * STREAM_WINDOW));
  await vi.waitFor(() =>
    expect(said.some(({ type, bytes }) => type === TO_GUEST.streamGive && bytes.length === 0)).toBe(true),
  );
  expect(said.at(-1)?.bytes).toHaveLength(0);
  streams.close();
});

test.each<[string, (streams: GuestStreams) => void]>([
  ["uses a number twice", (streams) => streams.take(TO_HOST.streamOpen, words(1))],
  ["uses the number 0", (streams) => streams.take(TO_HOST.streamOpen, words(0))],
  [
    "makes more connections than it may",
    (streams) => {
      for (let number = 2; number <= MAX_STREAMS + 1; number += 1)
        streams.take(TO_HOST.streamOpen, words(number));
    },
  ],
  [
    "sends more than the window",
    (streams) => {
      streams.take(TO_HOST.streamSays, says(1, STREAM_WINDOW));
      streams.take(TO_HOST.streamSays, says(1, 1));
    },
  ],
  [
    "goes on after its end",
    (streams) => {
      streams.take(TO_HOST.streamSays, says(1, 0));
      streams.take(TO_HOST.streamSays, says(1, 1));
    },
  ],
  ["has taken what it was not given", (streams) => streams.take(TO_HOST.streamTaken, words(1, 1))],
  ["says no number", (streams) => streams.take(TO_HOST.streamTaken, words(1))],
  ["names no connection", (streams) => streams.take(TO_HOST.streamSays, new Uint8Array(3))],
])("an agent that %s does not keep to the protocol", (_, lie) => {
  const { streams } = open();
  streams.take(TO_HOST.streamOpen, words(1));
  expect(() => lie(streams)).toThrow(RangeError);
  streams.close();
});

test("what is said of a connection that is gone concerns nobody", () => {
  const { streams } = open();
  for (const type of [TO_HOST.streamSays, TO_HOST.streamTaken, TO_HOST.streamDropped])
    streams.take(type, words(9, 5));
  streams.take(TO_HOST.streamOpen, words(1));
  streams.close();
  streams.take(TO_HOST.streamOpen, words(2));
  streams.take(TO_HOST.streamSays, says(2, 10));
});

test("a server that is not there drops the connection, and only it", async () => {
  const { streams, said } = open();
  server.close();
  rmSync(path, { force: true });
  streams.take(TO_HOST.streamOpen, words(3));
  await vi.waitFor(() =>
    expect(said).toEqual([{ type: TO_GUEST.streamDrop, number: 3, bytes: new Uint8Array() }]),
  );
});

test("a machine that makes connections without a network is ended", async () => {
  let killed = false;
  const channel = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const kill = (): void => {
    killed = true;
  };
  const ended = new Promise<void>(() => undefined);
  const client = new AgentClient({ channel, isReady: false, ended, kill, remove: async () => 0 });
  const ready = client.ready(5_000);
  channel.push(encodeFrame(TO_HOST.ready, Uint8Array.of(PROTOCOL_VERSION)));
  await ready;
  channel.push(encodeFrame(TO_HOST.streamOpen, words(1)));
  await vi.waitFor(() => expect(killed).toBe(true));
});
