import { randomUUID } from "node:crypto";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startMachine, type TestMachine, whyNoMachines } from "./test-machine.ts";

/** Answers a request in the server's place; what it does not answer goes on as usual. */
export type Fault = (request: IncomingMessage, response: ServerResponse, body?: string) => boolean;

/** A machine that the service made, as its list shows it. */
interface Placed {
  readonly machine: TestMachine;
  readonly token: string;
  readonly templateID: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  end: NodeJS.Timeout;
}

/** What the published description of the interface knows of the body that makes a machine. */
const CREATE_FIELDS = new Set(
  "templateID timeout envVars metadata allow_internet_access network autoPause autoPauseMemory autoResume secure mcp iam volumeMounts".split(
    " ",
  ),
);
const EGRESS_FIELDS = new Set(
  "allowOut denyOut rules egressProxy allowPublicTraffic maskRequestHost".split(" "),
);
const MAX_LIFE_S = 3_600;

/**
 * Control plane and data plane of E2B as their interface is published, on loopback. Its machines are process namespaces
 * with a daemon in them; ending one ends everything in it.
 */
export class E2bServer {
  readonly apiKey = `e2b_${randomUUID().replaceAll("-", "")}`;
  readonly template = "base";
  /** Requests of the control plane, and what was wrong with any. */
  readonly calls: string[] = [];
  readonly mistakes: string[] = [];
  /** For the control plane and for the data plane. */
  apiFault: Fault | undefined;
  dataFault: Fault | undefined;
  envdVersion = "0.6.4";
  readonly #placed = new Map<string, Placed>();
  readonly #api = createServer((request, response) => void this.#control(request, response));
  readonly #data = createServer((request, response) => this.#forward(request, response));

  /** @returns why there is none. */
  static async start(): Promise<E2bServer | string> {
    const why = whyNoMachines();
    if (why !== undefined) return why;
    const server = new E2bServer();
    for (const one of [server.#api, server.#data])
      await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get endpoint(): { readonly apiUrl: string; readonly sandboxUrl: string } {
    const at = ({ port }: AddressInfo): string => `http://127.0.0.1:${port}`;
    return {
      apiUrl: at(this.#api.address() as AddressInfo),
      sandboxUrl: at(this.#data.address() as AddressInfo),
    };
  }

  /** Ids of the machines that are there. */
  get machines(): readonly string[] {
    return [...this.#placed.keys()];
  }

  /** Does not keep the process. */
  unref(): void {
    this.#api.unref();
    this.#data.unref();
  }

  /** What a machine was asked for with. */
  bodyOf(id: string): Readonly<Record<string, unknown>> | undefined {
    return this.#placed.get(id)?.body;
  }

  async close(): Promise<void> {
    for (const id of this.machines) await this.#end(id);
    for (const one of [this.#api, this.#data]) {
      one.closeAllConnections();
      await new Promise((resolve) => one.close(resolve));
    }
  }

  async place(body: Readonly<Record<string, unknown>>): Promise<string> {
    const id = `i${randomUUID().replaceAll("-", "").slice(0, 19)}`;
    const timeout = Number(body["timeout"] ?? 15);
    this.#placed.set(id, {
      machine: await startMachine(),
      token: randomUUID(),
      templateID: String(body["templateID"]),
      metadata: (body["metadata"] ?? {}) as Record<string, string>,
      body,
      end: this.#timer(id, timeout),
    });
    return id;
  }

  async #control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const url = new URL(request.url ?? "/", "http://api");
    this.calls.push(`${request.method} ${url.pathname}`);
    if (this.apiFault?.(request, response, body) === true) return;
    if (request.headers["x-api-key"] !== this.apiKey) return answer(response, 401, error(401, "bad key"));
    const [, id, action] = /^\/sandboxes\/([^/]+)(\/timeout)?$/.exec(url.pathname) ?? [];
    if (id !== undefined && !this.#placed.has(id))
      return answer(response, 404, error(404, "no such sandbox"));
    if (id !== undefined && action === undefined && request.method === "DELETE") {
      await this.#end(id);
      return answer(response, 204);
    }
    if (id !== undefined && action !== undefined && request.method === "POST") {
      const placed = this.#placed.get(id) as Placed;
      clearTimeout(placed.end);
      placed.end = this.#timer(id, (JSON.parse(body) as { timeout: number }).timeout);
      return answer(response, 204);
    }
    if (url.pathname !== "/v2/sandboxes") return answer(response, 404, error(404, "no such path"));
    if (request.method === "GET") return answer(response, 200, this.#list(url.searchParams));
    return this.#create(JSON.parse(body) as Record<string, unknown>, response);
  }

  async #create(body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    for (const name of Object.keys(body)) if (!CREATE_FIELDS.has(name)) this.mistakes.push(`unknown ${name}`);
    for (const name of Object.keys(body["network"] ?? {}))
      if (!EGRESS_FIELDS.has(name)) this.mistakes.push(`unknown network.${name}`);
    if (body["templateID"] !== this.template) return answer(response, 404, error(404, "no such template"));
    if (Number(body["timeout"]) > MAX_LIFE_S)
      return answer(response, 400, error(400, "Timeout cannot be greater than 1 hours"));
    const id = await this.place(body);
    const placed = this.#placed.get(id) as Placed;
    return answer(response, 201, {
      templateID: placed.templateID,
      sandboxID: id,
      clientID: "c",
      envdVersion: this.envdVersion,
      envdAccessToken: placed.token,
      domain: null,
    });
  }

  #list(query: URLSearchParams): readonly object[] {
    const wanted = [...new URLSearchParams(query.get("metadata") ?? "")].map(
      ([name, value]) => [decodeURIComponent(name), decodeURIComponent(value)] as const,
    );
    return [...this.#placed]
      .filter(([, { metadata }]) => wanted.every(([name, value]) => metadata[name] === value))
      .map(([sandboxID, { templateID, metadata }]) => ({
        sandboxID,
        templateID,
        metadata,
        clientID: "c",
        startedAt: new Date().toISOString(),
        endAt: new Date(Date.now() + 60_000).toISOString(),
        state: "running",
        cpuCount: 2,
        memoryMB: 512,
        envdVersion: this.envdVersion,
      }));
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    if (this.dataFault?.(request, response) === true) return;
    const placed = this.#placed.get(String(request.headers["e2b-sandbox-id"]));
    if (placed === undefined)
      return answer(response, 502, { code: 502, message: "The sandbox was not found" });
    if (request.headers["e2b-sandbox-port"] !== "49983") this.mistakes.push("the port is not the daemon's");
    if (request.headers["x-access-token"] !== placed.token)
      return answer(response, 401, error(401, "bad token"));
    if (request.headers["x-api-key"] !== undefined) this.mistakes.push("the key went to a machine");
    const { method, url, headers } = request;
    const onward = httpRequest(
      { socketPath: placed.machine.socketPath, method, path: url, headers },
      (inner) => {
        response.writeHead(inner.statusCode ?? 502, inner.headers);
        inner.pipe(response);
        inner.on("error", () => response.destroy());
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  }

  #timer(id: string, seconds: number): NodeJS.Timeout {
    return setTimeout(() => void this.#end(id), seconds * 1000).unref();
  }

  async #end(id: string): Promise<void> {
    const placed = this.#placed.get(id);
    this.#placed.delete(id);
    clearTimeout(placed?.end);
    await placed?.machine.kill();
  }
}

function error(code: number, message: string): object {
  return { code, message };
}

export function answer(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, body === undefined ? {} : { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
