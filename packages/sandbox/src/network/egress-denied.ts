/** Why a guest's request to the network was refused. It is told to the guest, and to the audit. */
export type NetworkDenial =
  | "SANDBOX_REQUEST_MALFORMED"
  | "SANDBOX_TOKEN_WRONG"
  | "SANDBOX_HOST_NOT_ALLOWED"
  | "SANDBOX_HOST_UNKNOWN"
  | "SANDBOX_ADDRESS_NOT_PUBLIC"
  | "SANDBOX_HOST_UNREACHABLE"
  | "SANDBOX_TUNNEL_NOT_TLS"
  | "SANDBOX_SERVER_NAME_MISMATCH"
  | "SANDBOX_NETWORK_USED_UP"
  | "SANDBOX_AUDIT_FAILED";

/** What each of them means, in a sentence that a model may read, and how HTTP says it. */
const DENIALS: Readonly<Record<NetworkDenial, readonly [status: number, reason: string]>> = {
  SANDBOX_REQUEST_MALFORMED: [400, "the proxy takes CONNECT host:port and http://host/path, well formed"],
  SANDBOX_TOKEN_WRONG: [407, "the proxy needs the credentials that are in HTTP_PROXY"],
  SANDBOX_HOST_NOT_ALLOWED: [403, "this host and port are not on the list of what the sandbox may reach"],
  SANDBOX_HOST_UNKNOWN: [403, "the host has no address"],
  SANDBOX_ADDRESS_NOT_PUBLIC: [403, "the host has an address that is not public"],
  SANDBOX_HOST_UNREACHABLE: [502, "the host does not answer"],
  SANDBOX_TUNNEL_NOT_TLS: [403, "a tunnel carries TLS only"],
  SANDBOX_SERVER_NAME_MISMATCH: [403, "TLS names another server than the tunnel was asked for"],
  SANDBOX_NETWORK_USED_UP: [403, "the sandbox has used up what it may send and receive"],
  SANDBOX_AUDIT_FAILED: [503, "the request could not be recorded"],
};

/** A request that is refused. */
export class EgressDenied extends Error {
  readonly code: NetworkDenial;

  constructor(code: NetworkDenial) {
    super(DENIALS[code][1]);
    this.code = code;
  }

  get status(): number {
    return DENIALS[this.code][0];
  }

  /** The answer that says so; then the connection ends. */
  get headers(): readonly string[] {
    const challenge = this.status === 407 ? ["Proxy-Authenticate", 'Basic realm="sandbox"'] : [];
    const type = ["Content-Type", "text/plain", "Content-Length", String(this.body.length)];
    return ["X-Sandbox-Denied", this.code, ...type, ...challenge, "Connection", "close"];
  }

  get body(): string {
    return `${this.message}\n`;
  }
}
