import type { Secret } from "../secret.ts";
import { CallTime } from "./internal/call-time.ts";
import { checkedOptions } from "./internal/checked-options.ts";
import type { Endpoint } from "./internal/exchange.ts";
import { failureOf } from "./internal/failure-of.ts";
import { sendPatiently } from "./internal/send-patiently.ts";
import { VaultSession } from "./internal/vault-session.ts";
import type { VaultFetch } from "./vault-fetch.ts";
import type { VaultLogin } from "./vault-login.ts";
import type { VaultAnswer, VaultRequest } from "./vault-request.ts";

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

/**
 * Talks to HashiCorp Vault or OpenBao with a token that it keeps good: logs in at the first call, renews in the
 * background, logs in again when the token is over. Does nothing before the first call, and nothing when it is closed.
 */
export class VaultClient {
  /** Fires when the client is closed. */
  readonly closed: AbortSignal;
  readonly #closing = new AbortController();
  readonly #endpoint: Endpoint;
  readonly #session: VaultSession;
  readonly #deadlineMs: number;
  readonly #revokeOnClose: boolean;

  /** @throws TypeError or RangeError for a wrong option. */
  constructor(options: VaultOptions) {
    const { deadlineMs, now, ...endpoint } = checkedOptions(options);
    this.#endpoint = endpoint;
    this.#deadlineMs = deadlineMs;
    this.#revokeOnClose = options.revokeOnClose ?? false;
    this.closed = this.#closing.signal;
    this.#session = new VaultSession({
      login: options.login,
      now,
      send: (request, token) =>
        this.#within(undefined, (time) => sendPatiently(this.#endpoint, request, { token, time })),
    });
  }

  /**
   * Sends a request with our token, more than once where that is safe.
   * @throws SecretError `SECRET_ACCESS_DENIED`, `SECRET_LOGIN_FAILED`, `SECRET_UNAVAILABLE`, `SECRET_TIMED_OUT`,
   * `SECRET_ABORTED`, `SECRET_CLOSED`, `SECRET_TLS_UNVERIFIED`, `SECRET_TOO_LARGE`, `SECRET_ANSWER_INVALID`.
   */
  async request(
    request: VaultRequest,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<VaultAnswer> {
    const answer = await this.#within(options.signal, (time) => this.#authorized(request, time));
    const { status } = answer;
    if ((status >= 200 && status < 300) || request.accept?.includes(status) === true) return answer;
    throw failureOf(answer);
  }

  /**
   * Stops renewing, ends what is under way, and lets go of the token.
   * @throws SecretError when `revokeOnClose` is set and the token could not be revoked.
   */
  async close(): Promise<void> {
    try {
      await this.#session.close(this.#revokeOnClose);
    } finally {
      this.#closing.abort();
    }
  }

  /** Same as {@link VaultClient.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #authorized(request: VaultRequest, time: CallTime): Promise<VaultAnswer> {
    const token = await this.#session.token(time);
    const answer = await this.#send(request, token, time);
    if (answer.status !== 403) return answer;
    const fresh = await this.#session.afterDenial(token, time);
    if (fresh === undefined) return answer;
    const second = await this.#send(request, fresh, time);
    if (second.status === 403) this.#session.denialStands();
    return second;
  }

  #send(request: VaultRequest, token: Secret, time: CallTime): Promise<VaultAnswer> {
    return sendPatiently(this.#endpoint, request, { token: token.expose(), time });
  }

  #within<T>(caller: AbortSignal | undefined, work: (time: CallTime) => Promise<T>): Promise<T> {
    return CallTime.within({ budgetMs: this.#deadlineMs, caller, closed: this.closed }, work);
  }
}
