import type { Secret } from "../secret.ts";
import { CallTime } from "./internal/call-time.ts";
import { checkedOptions } from "./internal/checked-options.ts";
import type { Endpoint } from "./internal/exchange.ts";
import { failureOf } from "./internal/failure-of.ts";
import { sendPatiently } from "./internal/send-patiently.ts";
import { VaultSession } from "./internal/vault-session.ts";
import type { VaultOptions } from "./vault-options.ts";
import type { VaultAnswer, VaultRequest } from "./vault-request.ts";

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
