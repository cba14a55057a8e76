import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serve as serveHono } from "@hono/node-server";
import { guardExpress, principalOf } from "@symbiont/adapters/express";
import { guardFastify } from "@symbiont/adapters/fastify";
import { guardFetch, type HttpGuardOptions } from "@symbiont/adapters/fetch";
import { guardH3 } from "@symbiont/adapters/h3";
import { guardHono } from "@symbiont/adapters/hono";
import express from "express";
import fastify from "fastify";
import { H3, toNodeHandler } from "h3";
import { Hono } from "hono";

/** A running server: where it listens, and how to stop it. */
export interface Running {
  readonly port: number;
  close(): Promise<void>;
}

/** The answer of every handler: who the guard says is calling. */
const whoami = (principal: { id: string } | undefined): string => `hello ${principal?.id ?? "nobody"}`;

/** Starts a guarded server of each kind; each answers every path with {@link whoami}. */
export const servers: Readonly<Record<string, (options: HttpGuardOptions) => Promise<Running>>> = {
  async fetch(options) {
    const handler = guardFetch((_, { principal }) => new Response(whoami(principal)), options);
    return listen(createServer((incoming, outgoing) => void answer(incoming, outgoing, handler)));
  },
  async express(options) {
    const app = express();
    app.use(guardExpress(options));
    app.use((incoming, outgoing) => {
      outgoing.send(whoami(principalOf(incoming)));
    });
    return listen(createServer(app));
  },
  async fastify(options) {
    const app = fastify();
    app.addHook("onRequest", guardFastify(options));
    app.get("/", async (incoming) => whoami(principalOf(incoming)));
    await app.listen({ port: 0, host: "127.0.0.1" });
    return { port: (app.server.address() as AddressInfo).port, close: async () => app.close() };
  },
  async hono(options) {
    const app = new Hono<{ Bindings: { incoming: IncomingMessage } }>();
    app.use(
      guardHono({
        ...options,
        peer: (context: { env: { incoming: IncomingMessage } }) => context.env.incoming.socket.remoteAddress,
      } as never) as never,
    );
    app.get("/", (context) => context.text(whoami(principalOf(context.req.raw))));
    return new Promise((resolve) => {
      const server = serveHono(
        { fetch: app.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
        ({ port }) => {
          resolve({ port, close: async () => new Promise((done) => server.close(() => done())) });
        },
      );
    });
  },
  async h3(options) {
    const app = new H3();
    app.use(guardH3(options) as never);
    app.get("/", (event) => whoami(principalOf(event.req)));
    return listen(createServer(toNodeHandler(app)));
  },
};

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handler: ReturnType<typeof guardFetch>,
): Promise<void> {
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "");
  }
  const response = await handler(new Request(`http://localhost${incoming.url}`, { headers }), {
    peer: incoming.socket.remoteAddress,
  });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
}

/** Starts a server on a free port. */
export async function listen(server: Server): Promise<Running> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: async () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}

/** One GET, with header lines exactly as given. */
export async function get(
  { port }: Running,
  headers: Record<string, string | string[]> = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path: "/", headers, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}
