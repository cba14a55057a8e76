import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { carryRequest, namesOneHost } from "./carry-request.ts";
import { EgressDenied } from "./egress-denied.ts";
import { EgressGate } from "./egress-gate.ts";
import type { ResolvedNetwork } from "./network-policy.ts";
import { parseAbsoluteForm, parseAuthority } from "./network-target.ts";
import { carryTunnel } from "./tunnel.ts";

const MAX_HEADER_BYTES = 16_384;
/** How often connections are looked at that have said nothing whole. */
const LOOK_MS = 250;
const HTTP = 80;

/**
 * A proxy on a socket of this host, for one sandbox. It takes `CONNECT` for TLS and requests in absolute form, from who
 * knows its token, to hosts that are listed.
 */
export class EgressProxy {
  readonly #gate: EgressGate;
  readonly #network: ResolvedNetwork;
  readonly #server: Server;
  /** Those that have become tunnels, which the server does not know any more. */
  readonly #guests = new Set<Socket>();

  constructor(network: ResolvedNetwork) {
    this.#network = network;
    this.#gate = new EgressGate(network);
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: network.idleMs,
        requestTimeout: 0,
        keepAliveTimeout: network.idleMs,
        connectionsCheckingInterval: LOOK_MS,
        insecureHTTPParser: false,
      },
      (request, response) => {
        this.#request(request, response).catch((error: unknown) => answerDenied(response, error));
      },
    );
    this.#server.maxConnections = network.maxConnections;
    this.#server.timeout = network.idleMs;
    this.#server.on("connect", (request: IncomingMessage, guest: Socket, head: Uint8Array) => {
      this.#tunnel(request, guest, head).catch(() => guest.destroy());
    });
    this.#server.on("clientError", (_, guest) => {
      if (guest.writable) guest.end(rawAnswer(new EgressDenied("SANDBOX_REQUEST_MALFORMED")));
      else guest.destroy();
    });
  }

  /** User and password, as a URL has them before the `@`. */
  get credentials(): string {
    return this.#gate.credentials;
  }

  async listen(socketPath: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(socketPath, resolve);
    });
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    this.#gate.close();
    for (const guest of this.#guests) guest.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = parseAbsoluteForm(request.url ?? "");
    const isWhole = form !== undefined && namesOneHost(request, form.target, HTTP);
    const server = await this.#gate.open(
      "request",
      request.headers["proxy-authorization"],
      isWhole ? form.target : undefined,
    );
    if (form === undefined || response.destroyed) return void server.destroy();
    await carryRequest(request, response, { server, ...form, gate: this.#gate });
  }

  async #tunnel(request: IncomingMessage, guest: Socket, head: Uint8Array): Promise<void> {
    // What comes in the meantime must wait: nobody listens yet.
    guest.pause();
    this.#guests.add(guest);
    guest.once("close", () => this.#guests.delete(guest));
    guest.on("error", () => guest.destroy());
    guest.setTimeout(this.#network.idleMs, () => guest.destroy());
    const { headers, url = "" } = request;
    const named = parseAuthority(url);
    const hasBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
    const target =
      named !== undefined && !hasBody && namesOneHost(request, named, named.port) ? named : undefined;
    let server: Socket;
    try {
      server = await this.#gate.open("tunnel", headers["proxy-authorization"], target);
    } catch (error) {
      guest.end(rawAnswer(error as EgressDenied));
      return;
    }
    if (target === undefined || guest.destroyed) return void server.destroy();
    guest.write("HTTP/1.1 200 Connection established\r\n\r\n");
    try {
      const { idleMs } = this.#network;
      await carryTunnel(guest, server, head, target, { gate: this.#gate, idleMs });
    } catch (error) {
      await this.#gate.refuse("tunnel", target, error);
    }
  }
}

function answerDenied(response: ServerResponse, error: unknown): void {
  const denied = error instanceof EgressDenied ? error : new EgressDenied("SANDBOX_HOST_UNREACHABLE");
  if (response.headersSent) return void response.destroy();
  response.writeHead(denied.status, [...denied.headers]).end(denied.body);
}

function rawAnswer({ status, headers, body }: EgressDenied): string {
  const lines = headers.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`));
  return `HTTP/1.1 ${status} Refused\r\n${lines.join("")}\r\n${body}`;
}
