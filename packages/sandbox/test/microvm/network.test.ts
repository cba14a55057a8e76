import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditRecord } from "@symbiont/kit";
import { Sandbox } from "@symbiont/sandbox";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectVsock } from "../../src/tiers/firecracker/vsock-channel.ts";
import {
  encodeFrame,
  FrameReader,
  PROTOCOL_VERSION,
  TO_GUEST,
  TO_HOST,
} from "../../src/tiers/microvm/agent-frames.ts";
import { microvmTier } from "../../src/tiers/microvm/microvm-tier.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vsock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NUMBER = Uint8Array.of(1, 0, 0, 0);
const OUTCOME_BYTES = 30;
const REQUEST =
  "CONNECT other.test:443 HTTP/1.1\r\nHost: other.test:443\r\nProxy-Authorization: Basic KEY\r\n\r\n";

/** An agent behind Firecracker's socket, whose guest asks its proxy for a host and says what it hears. */
function serveAgent(socket: Socket): void {
  const tell = (type: number, payload?: Uint8Array): void => void socket.write(encodeFrame(type, payload));
  let key = "";
  const heard: Uint8Array[] = [];
  const reader = new FrameReader((type, payload) => {
    if (type === TO_GUEST.hello || type === TO_GUEST.setup) return tell(TO_HOST.done);
    if (type === TO_GUEST.variable)
      key = /^HTTP_PROXY=http:\/\/(.*)@127/.exec(Buffer.from(payload).toString())?.[1] ?? key;
    if (type === TO_GUEST.start) {
      tell(TO_HOST.done);
      tell(TO_HOST.streamOpen, NUMBER);
      const request = REQUEST.replace("KEY", Buffer.from(key).toString("base64"));
      tell(TO_HOST.streamSays, Buffer.concat([NUMBER, Buffer.from(request)]));
    }
    if (type !== TO_GUEST.streamGive) return undefined;
    heard.push(payload.slice(NUMBER.length));
    if (payload.length > NUMBER.length) return undefined;
    tell(TO_HOST.stdout, Buffer.concat(heard));
    return tell(TO_HOST.ended, new Uint8Array(OUTCOME_BYTES));
  });
  socket.once("data", (line: Buffer) => {
    expect(line.toString()).toBe("CONNECT 5005\n");
    socket.write("OK 1024\n");
    tell(TO_HOST.ready, Uint8Array.of(PROTOCOL_VERSION));
    socket.on("data", (chunk: Buffer) => reader.push(chunk));
  });
  socket.on("error", () => undefined);
}

test("a guest behind Firecracker's socket reaches its proxy by the channel that there is", async () => {
  const path = join(folder, "agent");
  const vsock = createServer(serveAgent);
  await new Promise<void>((resolve) => {
    vsock.listen(path, resolve);
  });
  const tier = microvmTier("firecracker", async () => ({
    name: "firecracker",
    bootTimeoutMs: 5_000,
    warm: 0,
    problems: () => [],
    advice: [],
    boot: async () => {
      const channel = await connectVsock(path, 5_000);
      const ended = new Promise<void>((resolve) => channel.once("close", () => resolve()));
      const kill = (): void => void channel.destroy();
      return { channel, isReady: false, ended, kill, remove: async () => 0 };
    },
  }));
  const records: AuditRecord[] = [];
  const audit = { append: async (record: AuditRecord) => ({ sequence: records.push(record) }) };
  const network = { allow: ["allowed.test:443"], audit };
  const { status, stdout } = await new Sandbox({ tier, network }).exec(["any"]);
  expect(status).toBe("exited");
  expect(stdout.text()).toMatch(/^HTTP\/1.1 403 [^]*X-Sandbox-Denied: SANDBOX_HOST_NOT_ALLOWED/);
  expect(records).toMatchObject([
    { type: "sandbox.network", outcome: "denied", resource: { kind: "host", id: "other.test:443" } },
  ]);
  vsock.close();
});
