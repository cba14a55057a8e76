import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { CheckedUrl } from "../check-url.ts";
import { NetError } from "../errors.ts";
import { untilAborted } from "./deadline.ts";
import { mediaTypeAllowed } from "./media-type.ts";
import { isRedirect } from "./redirect.ts";
import type { PreparedRequest } from "./request.ts";

/** What came back. */
export interface GuardedResponse {
  readonly status: number;
  /** Lower-case names; repeated lines joined with `", "`. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  /** Where it came from, after redirects, without fragment. */
  readonly url: string;
}

const MAX_HEADER_BYTES = 16 * 1024;
const FIRST_BUFFER_BYTES = 16 * 1024;

/**
 * Sends one request over an open connection and reads the whole answer, counting as it arrives. The connection
 * is used for nothing else and is closed afterwards, so that no later request inherits it.
 */
export async function exchange(
  socket: Socket,
  target: CheckedUrl,
  request: PreparedRequest,
  maxBytes: number,
  signal: AbortSignal,
): Promise<GuardedResponse> {
  const { url } = target;
  const outgoing = httpRequest({
    createConnection: () => socket,
    method: request.method,
    path: url.pathname + url.search,
    headers: { ...Object.fromEntries(request.headers), host: url.host, "accept-encoding": "identity" },
    maxHeaderSize: MAX_HEADER_BYTES,
    insecureHTTPParser: false,
  });
  // The size limit is enough; a limit on their number would drop the rest in silence.
  outgoing.maxHeadersCount = 0;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on("error", (error) => reject(protocolError(error)));
    // Nothing else is heard of an answer that switches protocols.
    outgoing.once("close", () =>
      reject(new NetError("NET_RESPONSE_INVALID", "connection closed unanswered")),
    );
    outgoing.once("response", (incoming) => {
      // An answer that is left unread fails when its connection is closed; nobody waits for it then.
      incoming.on("error", () => undefined);
      resolve(incoming);
    });
    outgoing.end(request.body);
  });
  try {
    const received = answered.then((incoming) => receive(incoming, target, request, maxBytes));
    return await untilAborted(received, signal);
  } finally {
    socket.destroy();
  }
}

async function receive(
  incoming: IncomingMessage,
  target: CheckedUrl,
  request: PreparedRequest,
  maxBytes: number,
): Promise<GuardedResponse> {
  const status = incoming.statusCode ?? 0;
  const headers = joinHeaders(incoming.rawHeaders);
  const response = { status, headers, url: target.url.href };
  // Where a redirect leads is judged first; what its body says is of no interest.
  if (isRedirect(status, headers)) return { ...response, body: new Uint8Array() };
  if (request.method === "HEAD") return { ...response, body: new Uint8Array() };

  checkEncoding(headers);
  const hasContent = status >= 200 && status < 300 && status !== 204;
  if (hasContent && !mediaTypeAllowed(headers.get("content-type"), request.accept))
    throw new NetError("NET_CONTENT_TYPE_NOT_ALLOWED", "response is not of an expected content type");
  if (Number(headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  return { ...response, body: await readBody(incoming, maxBytes) };
}

async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  let body = new Uint8Array(Math.min(maxBytes, FIRST_BUFFER_BYTES));
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
      const end = length + chunk.length;
      if (end > maxBytes) throw tooLarge(maxBytes);
      if (end > body.length) body = grown(body, Math.min(maxBytes, Math.max(end, body.length * 2)));
      body.set(chunk, length);
      length = end;
    }
  } catch (error) {
    throw error instanceof NetError ? error : protocolError(error as NodeJS.ErrnoException);
  }
  if (!incoming.complete) throw new NetError("NET_RESPONSE_INVALID", "response ended before its body did");
  return body.slice(0, length);
}

/** One buffer, copied into: a list of chunks would cost far more than the bytes when each chunk has one. */
function grown(body: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(body);
  return larger;
}

/** Refuses a body that would have to be decoded: its real size is only known after the damage. */
function checkEncoding(headers: ReadonlyMap<string, string>): void {
  const content = headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  const transfer = headers.get("transfer-encoding")?.trim().toLowerCase() ?? "chunked";
  if (content !== "identity" || transfer !== "chunked")
    throw new NetError("NET_CONTENT_ENCODING_NOT_ALLOWED", "response is encoded although none was asked for");
}

function joinHeaders(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = raw[index + 1] as string;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

function tooLarge(maxBytes: number): NetError {
  return new NetError("NET_TOO_LARGE", `response body is larger than ${maxBytes} bytes`);
}

/** The runtime's parser errors carry the bytes they stumbled over, so they are not passed on as cause. */
function protocolError(error: NodeJS.ErrnoException): NetError {
  if (error.code === "HPE_HEADER_OVERFLOW")
    return new NetError("NET_TOO_LARGE", `response header is larger than ${MAX_HEADER_BYTES} bytes`);
  return new NetError("NET_RESPONSE_INVALID", `response could not be read (${error.code ?? "unknown"})`);
}
