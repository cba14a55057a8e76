import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import {
  type ApiKeyError,
  type ApiKeyRecord,
  ApiKeys,
  ConnectionWatch,
  MemoryStore,
  tokenFromHeaders,
  tokenFromProtocols,
} from "@symbiont/api-keys";
import { afterEach, describe, expect, test, vi } from "vitest";
import { fastKeys, refused } from "./setup.ts";

describe("looking again at a key", () => {
  test("tells what it is good for now, and refuses as a verification does", async () => {
    const { keys, store, clock, verified, reason } = fastKeys();
    const { key, keyId } = await verified({ agents: ["a", "b"], scopes: ["read"] });
    clock.advance(1000);
    expect(await keys.recheck(key)).toEqual({ ...key, verifiedAt: clock.now() });
    const record = store.get(keyId) as ApiKeyRecord;
    await store.put({ ...record, agentScope: ["a"], version: 2 }, { ifVersion: 1 });
    const now = await keys.recheck(key, { agent: "a" });
    expect(now).toMatchObject({ agentScope: ["a"], version: 2 });
    await expect(keys.recheck(key, { agent: "b" })).rejects.toMatchObject({ code: "API_KEY_SCOPE_DENIED" });
    await keys.revoke(keyId, "test");
    await expect(keys.recheck(now)).rejects.toMatchObject(refused);
    expect(reason()).toBe("revoked");
  });

  test("never trusts the key's own word, nor a store that lies or fails", async () => {
    const { keys, store, verified } = fastKeys();
    const one = await verified({ agents: ["a"] });
    const two = await verified({ admin: true });
    const get = store.get.bind(store);
    store.get = () => get(two.keyId);
    await expect(keys.recheck(one.key)).rejects.toMatchObject(refused);
    store.get = () => Promise.reject(new Error("boom")) as never;
    await expect(keys.recheck(one.key)).rejects.toMatchObject({ code: "API_KEY_REFUSED" });
    await expect(keys.recheck(one.key, { agent: undefined as never })).rejects.toThrow(TypeError);
  });
});

describe("watching a connection", () => {
  afterEach(() => vi.useRealTimers());

  function watching(more: object = {}, options: Parameters<typeof fastKeys>[0] = {}) {
    vi.useFakeTimers();
    const all = fastKeys({ clock: Date, ...options });
    const ends: ApiKeyError[] = [];
    const watch = async (details?: Parameters<ApiKeys["create"]>[0]) => {
      const { key, keyId } = await all.verified(details);
      const onEnd = (error: ApiKeyError): void => void ends.push(error);
      return { keyId, watch: new ConnectionWatch(all.keys, key, { onEnd, ...more }) };
    };
    return { ...all, ends, watch };
  }

  test("ends it at the first look after a revocation, once", async () => {
    const { keys, ends, watch } = watching();
    const { keyId } = await watch();
    await vi.advanceTimersByTimeAsync(150_000);
    expect(ends).toEqual([]);
    await keys.revoke(keyId, "test");
    await vi.advanceTimersByTimeAsync(29_999);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ends).toMatchObject([refused]);
  });

  test("ends it when the key expires, without waiting for the next look", async () => {
    const { ends, watch } = watching();
    await watch({ agents: ["a"], expiresAt: Date.now() + 70_500 });
    await vi.advanceTimersByTimeAsync(70_499);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends).toMatchObject([refused]);
  });

  test("ends it when the key is good no more for what the connection does, and tells what it is good for", async () => {
    const { store, ends, watch } = watching({ agent: "b", intervalMs: 1000 });
    const { keyId, watch: watched } = await watch({ agents: ["a", "b"] });
    const record = store.get(keyId) as ApiKeyRecord;
    await store.put({ ...record, agentScope: ["b"], version: 2 }, { ifVersion: 1 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(watched.key.agentScope).toEqual(["b"]);
    await store.put({ ...record, agentScope: ["a"], version: 3 }, { ifVersion: 2 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(ends).toMatchObject([{ code: "API_KEY_SCOPE_DENIED" }]);
  });

  test("ends it when the store fails, and when it hangs", async () => {
    const { store, ends, watch } = watching({ intervalMs: 1000, timeoutMs: 500 });
    await watch();
    const get = store.get.bind(store);
    store.get = () => Promise.reject(new Error("boom")) as never;
    await vi.advanceTimersByTimeAsync(1000);
    expect(ends).toMatchObject([{ code: "API_KEY_REFUSED" }]);
    store.get = get;
    await watch();
    store.get = () => new Promise(() => undefined) as never;
    await vi.advanceTimersByTimeAsync(1499);
    expect(ends).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends[1]).toMatchObject({ code: "API_KEY_STORE_UNAVAILABLE" });
  });

  test("is over when it is closed, also in the middle of a look", async () => {
    const { keys, ends, watch } = watching({ intervalMs: 1000 });
    const { keyId, watch: watched } = await watch();
    const second = await watch();
    const third = await watch(); // good all the time
    await keys.revoke(keyId, "test");
    await keys.revoke(second.keyId, "test");
    watched.close();
    vi.advanceTimersByTime(1000); // the look has begun and waits
    second.watch[Symbol.dispose]();
    third.watch.close();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ends).toEqual([]);
    expect(vi.getTimerCount()).toBe(1); // the one of the last use
  });

  test("keeps no process alive, and checks its options", async () => {
    const { keys, verified } = fastKeys();
    const { key } = await verified();
    const onEnd = (): void => undefined;
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const watch = new ConnectionWatch(keys, key, { onEnd });
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout")).toHaveLength(before);
    watch.close();
    expect(() => new ConnectionWatch(keys, key, {} as never)).toThrow(TypeError);
    expect(() => new ConnectionWatch(keys, key, { onEnd, intervalMs: 0 })).toThrow(RangeError);
    expect(() => new ConnectionWatch(keys, key, { onEnd, timeoutMs: -1 })).toThrow(RangeError);
  });
});

describe("a server that upgrades connections", () => {
  const origin = "https://app.example";

  async function serve() {
    const keys = new ApiKeys({ store: new MemoryStore(), lastUsedMs: 0 });
    const tickets = keys.connectionTickets();
    const server = createServer((incoming, response) => {
      keys
        .verify(tokenFromHeaders(incoming.rawHeaders))
        .then((key) => tickets.issue(key, { origin: incoming.headers.origin ?? null }))
        .then(
          ({ ticket }) => response.end(ticket),
          () => response.writeHead(401).end(),
        );
    });
    server.on("upgrade", (incoming: IncomingMessage, socket: Duplex) => {
      const from = incoming.headers.origin ?? null;
      const open = async (): Promise<void> => {
        const { token, protocols } = tokenFromProtocols(incoming.rawHeaders);
        const key = await tickets.redeem(token, { origin: from, agent: "a" });
        const watch = new ConnectionWatch(keys, key, {
          agent: "a",
          intervalMs: 10,
          onEnd: () => socket.destroy(),
        });
        socket.on("close", () => watch.close());
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ${protocols[0]}\r\n\r\n`,
        );
      };
      open().catch((error: ApiKeyError) => socket.end(`HTTP/1.1 ${error.httpStatus} No\r\n\r\n`));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { keys, port, close: () => new Promise((resolve) => server.close(resolve)) };
  }

  async function connect(port: number, ticket: string, from = origin) {
    const sent = request({
      port,
      host: "127.0.0.1",
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        origin: from,
        "sec-websocket-protocol": `chat, bearer.${ticket}`,
      },
    }).end();
    return new Promise<{ status: number; protocol?: unknown; socket?: Duplex }>((resolve, reject) => {
      sent.on("upgrade", ({ headers }, socket) =>
        resolve({ status: 101, protocol: headers["sec-websocket-protocol"], socket }),
      );
      sent.on("response", ({ statusCode }) => resolve({ status: statusCode ?? 0 }));
      sent.on("error", reject);
    });
  }

  test("opens one for a ticket, once, and closes it when the key is revoked", async () => {
    const { keys, port, close } = await serve();
    const { token, key } = await keys.create({ agents: ["a"] });
    const ticketFor = (text: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/ticket`, { headers: { authorization: `Bearer ${text}`, origin } });
    const text = token.reveal();
    const ticket = await (await ticketFor(text)).text();
    const stolen = await (await ticketFor(text)).text();
    const { status, protocol, socket } = await connect(port, ticket);
    expect([status, protocol]).toEqual([101, "chat"]);
    expect((await connect(port, ticket)).status).toBe(401);
    expect((await connect(port, stolen, "https://evil.example")).status).toBe(401);
    expect((await connect(port, "")).status).toBe(400);
    expect(socket?.destroyed).toBe(false);
    const closed = once(socket as Duplex, "close");
    socket?.resume();
    await keys.revoke(key.keyId, "test");
    await closed;
    expect((await ticketFor(text)).status).toBe(401);
    await close();
  });
});
