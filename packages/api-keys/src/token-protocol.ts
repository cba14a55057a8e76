import { ApiKeyError } from "./errors.ts";
import { type HeaderSource, valuesOf } from "./token-header.ts";

const MARK = "bearer.";
const MAX_TOKEN_LENGTH = 512;
const MAX_HEADER_LENGTH = 4096;
const LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z, \t]*$/;
const PROTOCOL = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What a WebSocket client offered. */
export interface OfferedProtocols {
  /** The token or ticket. */
  readonly token: string;
  /** The other protocols, in order. Answer with one of these, never with the one that carries the token. */
  readonly protocols: readonly string[];
}

/**
 * Takes the token out of `Sec-WebSocket-Protocol`, the one header that a browser lets a page set:
 * `new WebSocket(url, ["chat", "bearer." + token])`. Exactly one of the protocols must carry one.
 * @throws ApiKeyError `API_KEY_MISSING`, `API_KEY_HEADER_INVALID`.
 * @see RFC 6455 section 4.1
 */
export function tokenFromProtocols(headers: HeaderSource): OfferedProtocols {
  const line = valuesOf(headers, "sec-websocket-protocol").join(",");
  if (line.length > MAX_HEADER_LENGTH || !LINE.test(line)) throw invalid();
  const offered = line === "" ? [] : line.split(",").map((protocol) => protocol.trim());
  if (!offered.every((protocol) => PROTOCOL.test(protocol)) || new Set(offered).size !== offered.length)
    throw invalid();
  const [carrier, ...others] = offered.filter((protocol) => protocol.startsWith(MARK));
  if (carrier === undefined)
    throw new ApiKeyError("API_KEY_MISSING", "no protocol carries an API key or a ticket");
  const token = carrier.slice(MARK.length);
  if (others.length > 0 || token === "" || token.length > MAX_TOKEN_LENGTH) throw invalid();
  return { token, protocols: offered.filter((protocol) => protocol !== carrier) };
}

function invalid(): ApiKeyError {
  return new ApiKeyError("API_KEY_HEADER_INVALID", "the offered protocols are malformed");
}
