import { randomUUID } from "node:crypto";
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { type JsonValue, parseJson } from "@symbiont/kit";
import { SandboxError } from "../../sandbox-error.ts";
import { machineFailed } from "../microvm/machine-failed.ts";
import { encodeMessage } from "./envd-frames.ts";
import { callRefusal, fileRefusal } from "./envd-refusal.ts";

/** How a machine's daemon is reached. */
export interface EnvdPlace {
  readonly sandboxUrl: string;
  readonly id: string;
  readonly token: string | undefined;
  /** How long an answer may take to begin, and from then on to end, in milliseconds. */
  readonly timeoutMs: number;
}

/** Who asks, and for how long. */
export interface EnvdCaller {
  /** A user of the machine. */
  readonly user: string;
  readonly signal?: AbortSignal;
  /** Default that of the place; 0 for ever. */
  readonly timeoutMs?: number;
}

interface EnvdRequest extends EnvdCaller {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

const ENVD_PORT = "49983";
const MAX_ANSWER_BYTES = 256 * 1024;
const VERSION = { "connect-protocol-version": "1" };

/**
 * The daemon of a machine. It runs beside the guest, who may have taken its place: every answer is bounded in size and
 * in time, nothing that it says gets into an error, and no redirect is followed.
 *
 * @see https://github.com/e2b-dev/infra/tree/main/packages/envd/spec
 */
export class EnvdClient {
  readonly #place: EnvdPlace;
  readonly #isSecure: boolean;
  readonly #agent: HttpAgent;

  constructor(place: EnvdPlace) {
    this.#place = place;
    this.#isSecure = place.sandboxUrl.startsWith("https:");
    const options = { keepAlive: true, maxFreeSockets: 2 };
    this.#agent = this.#isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  }

  /** Breaks every connection. */
  close(): void {
    this.#agent.destroy();
  }

  /** A call with one answer. @throws SandboxError `SANDBOX_MACHINE_FAILED`, `SANDBOX_ENGINE_TIMED_OUT`, `SANDBOX_CAPACITY` */
  async call(procedure: string, message: object, caller: EnvdCaller): Promise<JsonValue> {
    return this.#callFor(procedure, message, caller, callRefusal);
  }

  /** A call with many answers, which have begun. @throws SandboxError as {@link call}. */
  async stream(procedure: string, message: object, caller: EnvdCaller): Promise<IncomingMessage> {
    const response = await this.#send({
      ...caller,
      method: "POST",
      path: `/${procedure}`,
      // The last: so that nothing in between takes the silence of a guest for its end.
      headers: { ...VERSION, "content-type": "application/connect+json", "keepalive-ping-interval": "50" },
      body: encodeMessage(message),
    });
    if (response.statusCode === 200) return response;
    response.destroy();
    throw callRefusal(response.statusCode ?? 0);
  }

  /**
   * Whether there is something, and whether it is a file and no link.
   * @throws SandboxError as {@link call}, and `SANDBOX_FILE_REFUSED`
   */
  async isPlainFile(path: string, caller: EnvdCaller): Promise<boolean | undefined> {
    try {
      const answer = await this.#callFor("filesystem.Filesystem/Stat", { path }, caller, fileRefusal);
      const { entry } = answer as { readonly entry?: Readonly<Record<string, JsonValue>> };
      return entry?.["type"] === "FILE_TYPE_FILE" && entry["symlinkTarget"] === undefined;
    } catch (error) {
      if (SandboxError.is(error) && error.code === "SANDBOX_FILE_REFUSED") return undefined;
      throw error;
    }
  }

  /** At most so many bytes. @throws SandboxError as {@link isPlainFile}. */
  async readFile(path: string, maxBytes: number, caller: EnvdCaller): Promise<Uint8Array> {
    const response = await this.#send({ ...caller, method: "GET", path: filesPath(path, caller) });
    if (response.statusCode === 200) {
      const tooLong = (): SandboxError =>
        new SandboxError("SANDBOX_FILE_REFUSED", `file of the workspace is longer than ${maxBytes} bytes`);
      return readBounded(response, this.#place.timeoutMs, maxBytes, tooLong);
    }
    response.destroy();
    throw fileRefusal(response.statusCode ?? 0);
  }

  /** Folders on the way are made. @throws SandboxError as {@link isPlainFile}. */
  async writeFile(path: string, content: Uint8Array, caller: EnvdCaller): Promise<void> {
    const boundary = randomUUID();
    const body = Buffer.concat([
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="file"\r\n\r\n`),
      content,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
    const request = { ...caller, method: "POST", path: filesPath(path, caller), headers, body } as const;
    await this.#answer(await this.#send(request), fileRefusal);
  }

  async #callFor(
    procedure: string,
    message: object,
    caller: EnvdCaller,
    refusal: (status: number) => SandboxError,
  ): Promise<JsonValue> {
    const headers = { ...VERSION, "content-type": "application/json" };
    const body = Buffer.from(JSON.stringify(message));
    const request = { ...caller, method: "POST", path: `/${procedure}`, headers, body } as const;
    return jsonOf(await this.#answer(await this.#send(request), refusal));
  }

  async #answer(response: IncomingMessage, refusal: (status: number) => SandboxError): Promise<Uint8Array> {
    const answer = await readBounded(response, this.#place.timeoutMs, MAX_ANSWER_BYTES, saysTooMuch);
    if (response.statusCode !== 200) throw refusal(response.statusCode ?? 0);
    return answer;
  }

  async #send({
    method,
    path,
    user,
    headers,
    body,
    signal,
    timeoutMs,
  }: EnvdRequest): Promise<IncomingMessage> {
    const { sandboxUrl, id, token } = this.#place;
    const sent = (this.#isSecure ? httpsRequest : httpRequest)(new URL(path, sandboxUrl), {
      method,
      agent: this.#agent,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        ...headers,
        "e2b-sandbox-id": id,
        "e2b-sandbox-port": ENVD_PORT,
        authorization: `Basic ${Buffer.from(`${user}:`).toString("base64")}`,
        ...(token === undefined ? {} : { "x-access-token": token }),
        ...(body === undefined ? {} : { "content-length": String(body.length) }),
      },
    });
    sent.end(body);
    return answered(sent, timeoutMs ?? this.#place.timeoutMs);
  }
}

/** What the daemon says, as JSON. @throws SandboxError `SANDBOX_MACHINE_FAILED` */
export function jsonOf(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, { maxBytes: bytes.length + 1, unsafeIntegers: "round" });
  } catch {
    throw machineFailed("the machine's daemon does not keep to the protocol");
  }
}

async function answered(sent: ClientRequest, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(timedOut());
      sent.destroy();
    };
    const overdue = timeoutMs === 0 ? undefined : setTimeout(giveUp, timeoutMs);
    sent.once("response", (response) => {
      clearTimeout(overdue);
      resolve(response);
    });
    // Stays on: a connection may break at any time, and nobody else listens to the request.
    sent.on("error", () => {
      clearTimeout(overdue);
      reject(machineFailed("the machine's daemon cannot be reached"));
    });
  });
}

async function readBounded(
  response: IncomingMessage,
  timeoutMs: number,
  maxBytes: number,
  tooLong: () => SandboxError,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const overdue = setTimeout(() => response.destroy(timedOut()), timeoutMs);
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      if (total > maxBytes) throw tooLong();
      chunks.push(chunk);
    }
  } catch (error) {
    throw SandboxError.is(error) ? error : machineFailed("the machine's daemon broke off");
  } finally {
    clearTimeout(overdue);
  }
  return new Uint8Array(Buffer.concat(chunks, total));
}

function filesPath(path: string, { user }: EnvdCaller): string {
  return `/files?${new URLSearchParams({ path, username: user }).toString()}`;
}

function saysTooMuch(): SandboxError {
  return machineFailed("the machine's daemon says too much");
}

function timedOut(): SandboxError {
  return new SandboxError("SANDBOX_ENGINE_TIMED_OUT", "the machine does not answer", { retryable: true });
}
