import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions } from "@symbiont/net/guarded-fetch";

/** A real https server on loopback, with a certificate of the test authority. */
export interface DocumentServer {
  readonly port: number;
  /** Paths asked for so far. */
  readonly paths: string[];
  close(): void;
}

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/tls/${name}.pem`, import.meta.url), "utf8");

/** @param certificate `server` is for example.com, deployer.example and maker.example, `other` for other.example. */
export async function startDocumentServer(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  certificate: "server" | "other" | "self-signed" = "server",
): Promise<DocumentServer> {
  const pem = fixture(certificate);
  const paths: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ key: pem, cert: pem }, (request, response) => {
    paths.push(request.url ?? "");
    handle(request, response);
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    paths,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** A guarded fetch as the resolver's own, except that every name leads to this server, and to its port. */
export function fetchFrom(
  server: { readonly port: number },
  options: GuardedFetchOptions = {},
): GuardedFetch {
  const fetch = createGuardedFetch({
    maxBytes: 1_048_576,
    negativeTtlMs: 0,
    timeoutMs: 20_000,
    connectTimeoutMs: 20_000,
    ca: fixture("authority"),
    ports: [server.port],
    dangerouslyAllow: ["127.0.0.1"],
    lookup: async () => ["127.0.0.1"],
    ...options,
  });
  return async (url, request) => {
    const target = new URL(url);
    target.port = String(server.port);
    return fetch(target, request);
  };
}
