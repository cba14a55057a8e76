import { createServer, type IncomingMessage, request } from "node:http";
import { serve as serveHono } from "@hono/node-server";
import { eventOf, webhookExpress } from "@symbiont/adapters/express";
import { webhookFastify } from "@symbiont/adapters/fastify";
import { webhookFetch } from "@symbiont/adapters/fetch";
import { webhookH3 } from "@symbiont/adapters/h3";
import { webhookHono } from "@symbiont/adapters/hono";
import type { WebhookEvent, WebhookVerifier } from "@symbiont/webhook-verify";
import express from "express";
import fastify from "fastify";
import { H3, toNodeHandler } from "h3";
import { Hono } from "hono";
import { listen, type Running } from "./servers.ts";

/** What a test server is told: how to verify, and whether a careless parser runs first. */
export interface Setup {
  readonly verifier: WebhookVerifier;
  readonly parsedBefore?: boolean;
  readonly errors: unknown[];
}

const LIMIT = { maxBodyBytes: 10_000 };
const show = (event: WebhookEvent | undefined): string => `${event?.preset} ${JSON.stringify(event?.json())}`;

/** A server of each kind with one webhook at `/hook`, which answers with the verified body. */
export const webhookServers: Readonly<Record<string, (setup: Setup) => Promise<Running>>> = {
  async fetch({ verifier, parsedBefore, errors }) {
    const handler = webhookFetch(verifier, (event) => new Response(show(event)), LIMIT);
    return listen(
      createServer((incoming, outgoing) => {
        void toRequest(incoming)
          .then(async (received) => {
            if (parsedBefore === true) await received.text();
            return handler(received);
          })
          .then(async (response) => outgoing.writeHead(response.status).end(await response.text()))
          .catch((error: unknown) => {
            errors.push(error);
            outgoing.writeHead(500).end();
          });
      }),
    );
  },
  async express({ verifier, parsedBefore, errors }) {
    const app = express();
    if (parsedBefore === true) app.use(express.json());
    app.post("/hook", webhookExpress(verifier, LIMIT), (incoming, outgoing) => {
      outgoing.send(show(eventOf(incoming, verifier)));
    });
    return listen(createServer(withErrors(app, errors)));
  },
  async "express after express.raw"({ verifier, parsedBefore, errors }) {
    const app = express();
    if (parsedBefore === true) app.use(express.json());
    app.post(
      "/hook",
      express.raw({ type: () => true }),
      webhookExpress(verifier, LIMIT),
      (incoming, outgoing) => {
        outgoing.send(show(eventOf(incoming, verifier)));
      },
    );
    return listen(createServer(withErrors(app, errors)));
  },
  async fastify({ verifier, parsedBefore, errors }) {
    const app = fastify();
    app.setErrorHandler((error, _, reply) => {
      errors.push(error);
      void reply.code((error as { statusCode?: number }).statusCode ?? 500).send("error");
    });
    app.register(async (scope) => {
      webhookFastify(scope as never, verifier, LIMIT);
      if (parsedBefore === true)
        scope.addContentTypeParser(
          "application/json",
          { parseAs: "string" },
          async (_: unknown, body: unknown) => JSON.parse(body as string) as unknown,
        );
      scope.post("/hook", async (incoming) => show(eventOf(incoming, verifier)));
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const address = app.server.address() as { port: number };
    return { port: address.port, close: async () => app.close() };
  },
  async hono({ verifier, parsedBefore, errors }) {
    const app = new Hono();
    app.onError((error) => {
      errors.push(error);
      return new Response("error", { status: 500 });
    });
    if (parsedBefore === true) {
      app.use(async (context, next) => {
        await context.req.json();
        await next();
      });
    }
    app.post("/hook", webhookHono(verifier, LIMIT) as never, (context) =>
      context.text(show(eventOf(context.req.raw, verifier))),
    );
    return new Promise((resolve) => {
      const server = serveHono(
        { fetch: app.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
        ({ port }) => {
          resolve({ port, close: async () => new Promise((done) => server.close(() => done())) });
        },
      );
    });
  },
  async h3({ verifier, parsedBefore, errors }) {
    const app = new H3({ onError: (error) => void errors.push(error.cause ?? error), silent: true });
    if (parsedBefore === true) {
      app.use(async (event, next) => {
        await event.req.json();
        return next();
      });
    }
    app.post("/hook", (event) => show(eventOf(event.req, verifier)), {
      middleware: [webhookH3(verifier, LIMIT) as never],
    });
    return listen(createServer(toNodeHandler(app)));
  },
};

function withErrors(app: express.Express, errors: unknown[]): express.Express {
  app.use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
    errors.push(error);
    response.status(500).send("error");
  });
  return app;
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "");
  }
  return new Request("http://localhost/hook", { method: "POST", headers, body: Buffer.concat(chunks) });
}

/** One POST with exactly these bytes. */
export async function post(
  { port }: Running,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", path: "/hook", method: "POST", headers, agent: false };
    const sent = request(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
