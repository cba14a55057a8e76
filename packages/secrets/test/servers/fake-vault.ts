import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FakeKv } from "./fake-kv.ts";
import { FakeTokens } from "./fake-tokens.ts";
import { FakeTransit } from "./fake-transit.ts";

/** What arrived. */
export interface FakeRequest {
  readonly method: string;
  /** Below `/v1/`, still escaped. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: any;
}

/** What goes back. */
export type FakeReply =
  | { readonly status: number; readonly json?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly text: string; readonly headers?: Readonly<Record<string, string>> }
  /** Nothing, ever. */
  | "silence"
  /** The connection breaks before an answer. */
  | "reset"
  /** The request is carried out, then the connection breaks. */
  | "reset-after"
  /** Half an answer, then the connection breaks. */
  | "cut";

export const errors = (status: number, ...texts: readonly string[]): FakeReply => ({
  status,
  json: { errors: texts },
});

interface Fault {
  readonly call: string;
  readonly reply: FakeReply | ((request: FakeRequest) => FakeReply);
  left: number;
}

/**
 * Speaks as much of Vault's HTTP interface as the tests need, with a clock of its own, and does on demand what a real
 * server will not do.
 */
export class FakeVault {
  readonly clock = { now: 1_800_000_000_000 };
  readonly tokens: FakeTokens = new FakeTokens(this.clock);
  readonly kv: FakeKv = new FakeKv(this.clock);
  readonly transit: FakeTransit = new FakeTransit();
  readonly requests: FakeRequest[] = [];
  readonly #server: Server;
  readonly #faults: Fault[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<FakeVault> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FakeVault(server);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** `METHOD path` of every request, in order. */
  get calls(): readonly string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  /** Answers the next calls that begin with `call` (`METHOD path`) with this instead. */
  next(call: string, reply: Fault["reply"], times = 1): void {
    this.#faults.push({ call, reply, left: times });
  }

  /** Forgets what was to be answered instead. */
  drop(call: string): void {
    for (const fault of this.#faults) if (fault.call === call) fault.left = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const url = new URL(incoming.url ?? "", "http://vault");
    const text = Buffer.concat(chunks).toString();
    const request: FakeRequest = {
      method: incoming.method ?? "",
      path: url.pathname.replace(/^\/v1\//, ""),
      query: url.searchParams,
      token: incoming.headers["x-vault-token"] as string | undefined,
      headers: incoming.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    this.requests.push(request);
    const fault = this.#faults.find(
      ({ call, left }) => left > 0 && `${request.method} ${request.path}`.startsWith(call),
    );
    if (fault === undefined) return reply(response, this.#answer(request));
    fault.left -= 1;
    const answer = typeof fault.reply === "function" ? fault.reply(request) : fault.reply;
    if (answer === "reset-after") this.#answer(request);
    reply(response, answer);
  }

  #answer(request: FakeRequest): FakeReply {
    const { path, token } = request;
    if (request.headers["x-vault-request"] !== "true") return errors(400, "missing X-Vault-Request");
    const open = this.tokens.answerOpen(request);
    if (open !== undefined) return open;
    if (!this.tokens.isGood(token)) return errors(403, "permission denied");
    const known = this.tokens.answer(request);
    if (known !== undefined) return known;
    if (this.tokens.denies(token, path)) return errors(403, "1 error occurred: permission denied");
    return (
      this.kv.answer(request) ??
      this.transit.answer(request) ??
      errors(404, `no handler for route "${path}". route entry not found.`)
    );
  }
}

function reply(response: ServerResponse, answer: FakeReply): void {
  if (answer === "silence") return;
  if (answer === "reset" || answer === "reset-after") {
    response.socket?.resetAndDestroy();
    return;
  }
  if (answer === "cut") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"data":{"data":{"value":"ha', () => response.socket?.destroy());
    return;
  }
  const body = "text" in answer ? answer.text : answer.json === undefined ? "" : JSON.stringify(answer.json);
  response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
  response.end(body);
}
