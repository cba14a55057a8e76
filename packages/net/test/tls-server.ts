import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from "@symbiont/net/guarded-fetch";
import { onTestFinished } from "vitest";

/** A server on loopback that counts what reaches it. It is closed when the test ends. */
export interface TestServer {
  readonly port: number;
  readonly connections: Socket[];
  readonly requests: IncomingMessage[];
  /** Resolves when every connection made so far is closed. */
  drained(): Promise<void>;
}

export const authority: string = fixture("authority.pem");

/** An https server with a certificate for one.example, two.example and the loopback addresses. */
export async function httpsServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  certificate = "server.pem",
): Promise<TestServer> {
  const pem = fixture(certificate);
  const server = createHttpsServer({ key: pem, cert: pem });
  const started = await start(server);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    started.requests.push(request);
    handle(request, response);
  });
  return started;
}

/** A TLS server that answers whatever it likes, HTTP or not, once a request has begun to arrive. */
export function tlsServer(answer: (socket: Socket) => void): Promise<TestServer> {
  const pem = fixture("server.pem");
  const server = createTlsServer({ key: pem, cert: pem }, (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  return start(server);
}

/** A server that accepts connections and then says nothing. */
export function silentServer(): Promise<TestServer> {
  // Reading is what lets it notice that the other side has gone.
  return start(createTcpServer((socket) => void socket.resume()));
}

/** A fetch that takes any name for the given server, over loopback and the test authority. */
export function fetchFor(
  server: { readonly port: number },
  options: Partial<GuardedFetchOptions> = {},
): GuardedFetch {
  return createGuardedFetch({
    ca: authority,
    ports: [server.port],
    dangerouslyAllow: ["127.0.0.1", "::1"],
    lookup: async () => ["127.0.0.1"],
    ...options,
  });
}

async function start(server: Server): Promise<TestServer> {
  const connections: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => undefined);
    connections.push(socket);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    requests: [],
    async drained() {
      for (const socket of connections)
        if (!socket.closed) await new Promise<void>((resolve) => void socket.once("close", () => resolve()));
    },
  };
}

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/tls/${name}`, import.meta.url), "utf8");
}
