import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { excerpt, type JsonValue, parseJson } from "@symbiont/kit";
import { SandboxError } from "../../sandbox-error.ts";

/** One call of the Engine API. */
export interface EngineCall {
  readonly method: "GET" | "POST" | "DELETE" | "HEAD";
  /** Below the version, with the query. */
  readonly path: string;
  readonly body?: unknown;
  /** Statuses that are an answer. Default 200 to 299. */
  readonly expected?: readonly number[];
  /** How long the answer is waited for. Default that of the client; 0 for ever. */
  readonly timeoutMs?: number;
}

/** What the engine has said. */
export interface EngineAnswer {
  readonly status: number;
  /** Undefined when it said nothing. */
  readonly body: JsonValue | undefined;
}

/** An answer that comes later than its beginning. */
export interface PendingAnswer {
  readonly answer: Promise<EngineAnswer>;
  cancel(): void;
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_REASON = 200;
/** Of the calls made here, each is the same in all of these. */
const LEAST_VERSION = [1, 40] as const;
const MOST_VERSION = [1, 51] as const;

/**
 * The Docker Engine API over its socket, as far as running containers takes it. Every answer is bounded in size and in
 * time.
 *
 * @see https://docs.docker.com/reference/api/engine/
 */
export class EngineClient {
  readonly #socketPath: string;
  readonly #timeoutMs: number;
  #version: Promise<string> | undefined;

  constructor(socketPath: string, timeoutMs: number) {
    this.#socketPath = socketPath;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @throws SandboxError `SANDBOX_TIER_UNAVAILABLE` when nobody listens, `SANDBOX_ENGINE_TIMED_OUT`,
   * `SANDBOX_IMAGE_MISSING`, `SANDBOX_ENGINE_FAILED`
   */
  async call(call: EngineCall): Promise<EngineAnswer> {
    const { answer } = await this.begin(call);
    return answer;
  }

  /** Resolves when the answer has begun: from then on the engine watches for what was asked. */
  async begin(call: EngineCall): Promise<PendingAnswer> {
    const sent = await this.#send(call, {});
    const response = await answered(sent, this.#timeoutOf(call));
    const answer = readAnswer(response, call, this.#timeoutOf(call));
    // It may break before anybody waits for it; whoever does wait learns it.
    answer.catch(() => undefined);
    return {
      answer,
      cancel: () => void response.destroy(),
    };
  }

  /** Each line of an answer without an end. */
  async stream(call: EngineCall): Promise<IncomingMessage> {
    const sent = await this.#send(call, {});
    const response = await answered(sent, this.#timeoutOf(call));
    if (response.statusCode !== 200) await readAnswer(response, call, this.#timeoutMs);
    return response;
  }

  /** A connection that carries the streams of a container. */
  async upgrade(call: EngineCall): Promise<{ readonly socket: Socket; readonly head: Uint8Array }> {
    const sent = await this.#send(call, { connection: "Upgrade", upgrade: "tcp" });
    const timeoutMs = this.#timeoutOf(call);
    return new Promise((resolve, reject) => {
      sent.once("upgrade", (_response, socket, head: Uint8Array) => {
        sent.setTimeout(0);
        socket.setTimeout(0);
        resolve({ socket, head });
      });
      answered(sent, timeoutMs)
        .then(async (response) => readAnswer(response, { ...call, expected: [101] }, timeoutMs))
        .catch(reject);
    });
  }

  async #send({ method, path, body }: EngineCall, headers: Record<string, string>): Promise<ClientRequest> {
    this.#version ??= this.#negotiate();
    const version = await this.#version.catch((error: unknown) => {
      // The next call asks again: the engine may have come back.
      this.#version = undefined;
      throw error;
    });
    return this.#request(method, `/v${version}${path}`, body, headers);
  }

  #request(method: string, path: string, body: unknown, headers: Record<string, string>): ClientRequest {
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const sent = request({
      socketPath: this.#socketPath,
      agent: false,
      method,
      path,
      headers: {
        host: "docker",
        ...headers,
        ...(text === undefined ? {} : { "content-type": "application/json", "content-length": text.length }),
      },
    });
    sent.end(text);
    return sent;
  }

  async #negotiate(): Promise<string> {
    const call = { method: "GET", path: "/version" } as const;
    const sent = this.#request(call.method, call.path, undefined, {});
    const { body } = await readAnswer(await answered(sent, this.#timeoutMs), call, this.#timeoutMs);
    const newest = versionOf(field(body, "ApiVersion"));
    const oldest = versionOf(field(body, "MinAPIVersion")) ?? LEAST_VERSION;
    if (newest === undefined || isLess(newest, LEAST_VERSION) || isLess(MOST_VERSION, oldest))
      throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", "the engine speaks no version that is known here");
    return (isLess(newest, MOST_VERSION) ? newest : MOST_VERSION).join(".");
  }

  #timeoutOf(call: EngineCall): number {
    return call.timeoutMs ?? this.#timeoutMs;
  }
}

/** A member of an object; undefined of anything else. */
export function field(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members = value as Readonly<Record<string, JsonValue>>;
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** The same where it is a text; else an empty one. */
export function textField(value: JsonValue | undefined, name: string): string {
  const text = field(value, name);
  return typeof text === "string" ? text : "";
}

async function answered(sent: ClientRequest, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (timeoutMs > 0)
      sent.setTimeout(timeoutMs, () => {
        reject(timedOut());
        sent.destroy();
      });
    sent.once("response", (response: IncomingMessage) => {
      sent.setTimeout(0);
      resolve(response);
    });
    // Stays on: an upgraded connection may break at any time, and nobody else listens to the request.
    sent.on("error", (cause: NodeJS.ErrnoException) => reject(unreachable(cause)));
  });
}

async function readAnswer(
  response: IncomingMessage,
  call: EngineCall,
  timeoutMs: number,
): Promise<EngineAnswer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  if (call.timeoutMs !== 0) response.setTimeout(timeoutMs, () => response.destroy(timedOut()));
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      if (total > MAX_ANSWER_BYTES) throw failed("answer is too long", false);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw SandboxError.is(cause) ? cause : unreachable(cause as NodeJS.ErrnoException);
  }
  const status = response.statusCode ?? 0;
  const body = parseAnswer(Buffer.concat(chunks, total));
  const isExpected = call.expected?.includes(status) ?? (status >= 200 && status < 300);
  if (isExpected) return { status, body };
  const said = field(body, "message");
  const reason = typeof said === "string" ? excerpt(said, MAX_REASON) : "no reason given";
  if (status === 404 && /no such image/i.test(reason))
    throw new SandboxError(
      "SANDBOX_IMAGE_MISSING",
      "the engine does not have the image; it is never fetched",
    );
  throw failed(`${status}: ${reason}`, status >= 500);
}

function parseAnswer(bytes: Uint8Array): JsonValue | undefined {
  if (bytes.length === 0) return undefined;
  try {
    return parseJson(bytes, { maxBytes: MAX_ANSWER_BYTES, reservedNames: [], unsafeIntegers: "round" });
  } catch {
    return undefined;
  }
}

function unreachable(cause: NodeJS.ErrnoException): SandboxError {
  const code = cause.code ?? "unknown";
  const isAbsent = code === "ENOENT" || code === "ECONNREFUSED" || code === "EACCES";
  return new SandboxError(
    isAbsent ? "SANDBOX_TIER_UNAVAILABLE" : "SANDBOX_ENGINE_FAILED",
    `the engine cannot be reached: ${code}`,
    { cause, retryable: code !== "EACCES" },
  );
}

function timedOut(): SandboxError {
  return new SandboxError("SANDBOX_ENGINE_TIMED_OUT", "the engine does not answer", { retryable: true });
}

function failed(what: string, retryable: boolean): SandboxError {
  return new SandboxError("SANDBOX_ENGINE_FAILED", `the engine refused: ${what}`, { retryable });
}

function versionOf(value: JsonValue | undefined): readonly [number, number] | undefined {
  const match = typeof value === "string" ? /^(\d{1,3})\.(\d{1,3})$/.exec(value) : null;
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

function isLess(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}
