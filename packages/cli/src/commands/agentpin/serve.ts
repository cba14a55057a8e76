import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createDocumentHandler } from "@symbiont/agentpin";
import type { JsonObject } from "@symbiont/kit";
import { readJson } from "../../program/read-input.ts";
import type { Task } from "../../program/task.ts";
import { UsageError } from "../../program/usage-error.ts";

/** `agentpin serve`: until it is interrupted. */
export async function serveDocuments(
  options: {
    readonly issuer: string;
    readonly discovery: string;
    readonly revocation: string;
    readonly port: string;
    readonly host: string;
  },
  task: Task,
): Promise<undefined> {
  const { issuer, host } = options;
  const port = Number(options.port);
  if (!/^\d{1,5}$/.test(options.port) || port > 65_535)
    throw new UsageError("--port must be from 0 to 65535");
  const discovery = (await readJson(options.discovery, task)) as JsonObject;
  const revocation = (await readJson(options.revocation, task)) as JsonObject;
  const handle = createDocumentHandler({ issuer, discovery, revocation });
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 8_192 }, (request, response) => {
    answer(request, handle).then(
      async (answered) => send(answered, response),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
  await task.line(["ok", `serving ${issuer} at ${url}`], { url });
  if (!task.signal.aborted) await once(task.signal, "abort");
  server.closeAllConnections();
  server.close();
}

async function answer(
  { method = "GET", url = "/", headers }: IncomingMessage,
  handle: (request: Request) => Promise<Response>,
): Promise<Response> {
  const given = new Headers();
  for (const [name, value] of Object.entries(headers)) if (typeof value === "string") given.set(name, value);
  return handle(new Request(new URL(url, "http://localhost"), { method, headers: given }));
}

async function send(answered: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(new Uint8Array(await answered.arrayBuffer()));
}
