import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why an address, a URL or a fetch was refused or failed. */
export type NetErrorCode =
  | "NET_INVALID_ADDRESS"
  | "NET_INVALID_URL"
  | "NET_SCHEME_NOT_ALLOWED"
  | "NET_CREDENTIALS_IN_URL"
  | "NET_PORT_NOT_ALLOWED"
  | "NET_HOST_NOT_ALLOWED"
  | "NET_IP_NOT_PUBLIC"
  | "NET_DNS_FAILED"
  | "NET_DNS_NOT_PUBLIC"
  | "NET_CONNECT_FAILED"
  | "NET_PEER_MISMATCH"
  | "NET_TLS_FAILED"
  | "NET_REDIRECT_REFUSED"
  | "NET_TOO_MANY_REDIRECTS"
  | "NET_RESPONSE_INVALID"
  | "NET_CONTENT_TYPE_NOT_ALLOWED"
  | "NET_CONTENT_ENCODING_NOT_ALLOWED"
  | "NET_TOO_LARGE"
  | "NET_TIMEOUT"
  | "NET_BUSY"
  | "NET_ABORTED";

type ReasonOf<Code> = Code extends `NET_${infer Reason}` ? Lowercase<Reason> : never;

/** The same reasons in the short lower-case spelling, for example `ip_not_public`. */
export type NetReason = ReasonOf<NetErrorCode>;

const RETRYABLE: ReadonlySet<NetErrorCode> = new Set<NetErrorCode>([
  "NET_DNS_FAILED",
  "NET_CONNECT_FAILED",
  "NET_RESPONSE_INVALID",
  "NET_TIMEOUT",
  "NET_BUSY",
]);

/**
 * Error of `@symbiont/net`. Messages never hold an address that a name resolved to, so that a refusal does not
 * tell the outside what the inside looks like.
 */
export class NetError extends SymbiontError<NetErrorCode> {
  /** The code without its prefix, in lower case. */
  readonly reason: NetReason;

  constructor(code: NetErrorCode, message: string, options: Pick<SymbiontErrorOptions, "cause"> = {}) {
    super(code, message, { ...options, retryable: RETRYABLE.has(code) });
    this.reason = code.slice("NET_".length).toLowerCase() as NetReason;
  }
}
