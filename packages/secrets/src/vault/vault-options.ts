import type { VaultFetch } from "./vault-fetch.ts";
import type { VaultLogin } from "./vault-login.ts";

/** How Vault or OpenBao is reached. */
export interface VaultOptions {
  /** `https:` URL of the server; `http:` only on the loopback. */
  readonly address: string;
  readonly login: VaultLogin;
  /** Namespace of all requests. Default none. */
  readonly namespace?: string;
  /**
   * For a private certificate authority or client certificates: a `fetch` that brings its own dispatcher. Default
   * the runtime's, which trusts what `NODE_EXTRA_CA_CERTS` adds.
   */
  readonly fetch?: VaultFetch;
  /** Allow `http:` to other machines: everybody on the way can read every secret. Default false. */
  readonly allowInsecure?: boolean;
  /** How long one try may take, in milliseconds. Default 5000. */
  readonly requestTimeoutMs?: number;
  /** How long a call may take over all its tries, in milliseconds. A login it waits for counts. Default 10000. */
  readonly deadlineMs?: number;
  /** Largest answer that is read, in bytes. Default 4 MiB. */
  readonly maxAnswerBytes?: number;
  /** Revoke the token when the client is closed. Default false. */
  readonly revokeOnClose?: boolean;
  /** Epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}
