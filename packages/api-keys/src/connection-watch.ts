import type { ApiKeys } from "./api-keys.ts";
import { ApiKeyError } from "./errors.ts";
import { asApiKeyError } from "./internal/audit-trail.ts";
import type { VerifyKeyOptions } from "./internal/verifications.ts";
import { checkedCount } from "./options.ts";
import type { VerifiedKey } from "./verified-key.ts";

const LONGEST_TIMER_MS = 2_147_483_647;

/** How a connection is watched. */
export interface ConnectionWatchOptions extends VerifyKeyOptions {
  /**
   * Called once, when the key is good no more or that cannot be found out. Close the connection here. Never called
   * after `close`.
   */
  readonly onEnd: (error: ApiKeyError) => void;
  /** How often the key is looked at, in milliseconds. Default 1 minute. */
  readonly intervalMs?: number;
  /** How long one look may take, in milliseconds. Default 5 seconds. */
  readonly timeoutMs?: number;
}

/**
 * Looks again and again whether the key behind an open connection is still good: after `intervalMs`, and when the key
 * expires. A store that cannot be asked ends the connection, as it would refuse a request. Keeps no process alive.
 */
export class ConnectionWatch {
  readonly #keys: Pick<ApiKeys, "recheck">;
  readonly #required: VerifyKeyOptions;
  readonly #onEnd: (error: ApiKeyError) => void;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  #key: VerifiedKey;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param key what `verify` or `redeem` returned for this connection.
   * @throws TypeError
   * @throws RangeError
   */
  constructor(keys: Pick<ApiKeys, "recheck">, key: VerifiedKey, options: ConnectionWatchOptions) {
    const { onEnd, intervalMs = 60_000, timeoutMs = 5_000, ...required } = options;
    if (typeof onEnd !== "function") throw new TypeError("onEnd must be a function");
    this.#keys = keys;
    this.#key = key;
    this.#required = required;
    this.#onEnd = onEnd;
    this.#intervalMs = checkedCount("intervalMs", intervalMs, 1);
    this.#timeoutMs = checkedCount("timeoutMs", timeoutMs, 1);
    this.#schedule();
  }

  /** What the key was good for at the last look. */
  get key(): VerifiedKey {
    return this.#key;
  }

  /** Stops looking. Call it when the connection is closed. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Closes. */
  [Symbol.dispose](): void {
    this.close();
  }

  #schedule(): void {
    const { expiresAt = Number.POSITIVE_INFINITY, verifiedAt } = this.#key;
    const delay = Math.min(this.#intervalMs, Math.max(expiresAt - verifiedAt, 1), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => void this.#look(), delay).unref();
  }

  async #look(): Promise<void> {
    try {
      this.#key = await this.#recheck();
      if (!this.#closed) this.#schedule();
    } catch (error) {
      if (this.#closed) return;
      this.close();
      this.#onEnd(asApiKeyError(error));
    }
  }

  /** A store that hangs must not keep a connection open. */
  async #recheck(): Promise<VerifiedKey> {
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new ApiKeyError("API_KEY_STORE_UNAVAILABLE", "the key could not be looked at in time");
      deadline = setTimeout(() => reject(error), this.#timeoutMs).unref();
    });
    try {
      return await Promise.race([this.#keys.recheck(this.#key, this.#required), late]);
    } finally {
      clearTimeout(deadline);
    }
  }
}
