import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { serve as serveHono } from "@hono/node-server";
import { addressOf, guardExpress, principalOf } from "@symbiont/adapters/express";
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

/** A handler that knows better than the default. */
const own = (): Response => new Response("own", { headers: { "cache-control": "max-age=60" } });

const boom = (): never => {
  throw new Error("boom");
};

/**
 * Starts a guarded server of each kind: `/` says {@link whoami}, `/address` from where, `/raw` answers with a `Response`
 * of its own where the host takes one, `/own` with a header of its own, `/boom` fails, and `/missing` is not there.
 */
export const servers: Readonly<Record<string, (options: HttpGuardOptions) => Promise<Running>>> = {
  async fetch(options) {
    const handler = guardFetch(({ url }, { principal, address }) => {
      if (url.endsWith("/boom")) return new Response("failed", { status: 500 });
      if (url.endsWith("/missing")) return new Response("missing", { status: 404 });
      if (url.endsWith("/own")) return own();
      return new Response(url.endsWith("/address") ? String(address) : whoami(principal));
    }, options);
    return listen(createServer((incoming, outgoing) => void answer(incoming, outgoing, handler)));
  },
  async express(options) {
    const app = express();
    app.use(guardExpress(options));
    app.get("/", (incoming, outgoing) => void outgoing.send(whoami(principalOf(incoming))));
    app.get("/address", (incoming, outgoing) => void outgoing.send(addressOf(incoming)));
    app.get("/raw", (_, outgoing) => void outgoing.end("raw"));
    app.get("/own", (_, outgoing) => void outgoing.set("cache-control", "max-age=60").end("own"));
    app.get("/boom", boom);
    app.use((_error: unknown, _incoming: unknown, outgoing: express.Response, _next: unknown) => {
      outgoing.status(500).end();
    });
    return listen(createServer(app));
  },
  async fastify(options) {
    const app = fastify();
    app.addHook("onRequest", guardFastify(options));
    app.get("/", async (incoming) => whoami(principalOf(incoming)));
    app.get("/address", async (incoming) => addressOf(incoming));
    app.get("/raw", async () => new Response("raw"));
    app.get("/own", async () => own());
    app.get("/boom", async () => boom());
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
    app.get("/address", (context) => context.text(String(addressOf(context.req.raw))));
    app.get("/raw", () => new Response("raw"));
    app.get("/own", own);
    app.get("/boom", boom);
    app.onError((_, context) => context.text("failed", 500));
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
    const app = new H3({ silent: true });
    app.use(guardH3(options) as never);
    app.get("/", (event) => whoami(principalOf(event.req)));
    app.get("/address", (event) => addressOf(event.req));
    app.get("/raw", () => new Response("raw"));
    app.get("/own", own);
    app.get("/boom", boom);
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
  path = "/",
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, headers, agent: false }, (response) => {
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
