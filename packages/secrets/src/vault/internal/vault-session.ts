import { SecretError } from "../../errors.ts";
import type { Secret } from "../../secret.ts";
import type { VaultLease, VaultLogin, VaultLoginCalls } from "../vault-login.ts";
import type { VaultAnswer, VaultRequest } from "../vault-request.ts";
import type { CallTime } from "./call-time.ts";
import { failureOf } from "./failure-of.ts";
import { isOutage } from "./is-outage.ts";
import { isRefusal, leaseOf } from "./lease-of.ts";
import { LoginBackoff } from "./login-backoff.ts";
import { raceSignal } from "./race-signal.ts";
import { grantedLease, outlivedLease, renewedLease, type TokenLease } from "./token-lease.ts";

const MAX_TIMER_MS = 2 ** 31 - 1;
const DENIAL_STANDS_MS = 30_000;
const LOGIN_PAUSE_MS = 5_000;
const CLOSING_WAIT_MS = 5_000;

/** What a session needs. */
export interface SessionOptions {
  readonly login: VaultLogin;
  readonly now: () => number;
  /** Sends a request of the session itself, within a time of its own. */
  send(request: VaultRequest, token?: string): Promise<VaultAnswer>;
}

/**
 * Has a token at hand: logs in at the first use, renews in the background, logs in again when that is no longer
 * possible. All who wait for a login wait for the same one.
 */
export class VaultSession {
  readonly #options: SessionOptions;
  readonly #calls: VaultLoginCalls;
  readonly #backoff: LoginBackoff;
  #lease: TokenLease | undefined;
  #login: Promise<TokenLease> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #denialStandsUntil = Number.NEGATIVE_INFINITY;
  #closed = false;
  #revoking = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#calls = { send: (request, token) => options.send(request, token) };
    this.#backoff = new LoginBackoff(options.now);
  }

  /** The current token, after a login if need be. @throws what the login throws; SecretError `SECRET_CLOSED`. */
  async token(time: CallTime): Promise<Secret> {
    const lease = this.#lease;
    const now = this.#options.now();
    if (lease !== undefined && (lease.renewable ? now < lease.endsAt : now < lease.dueAt)) return lease.token;
    try {
      return (await time.until(this.#loggedIn())).token;
    } catch (error) {
      if (lease === undefined || this.#lease !== lease || now >= lease.endsAt || !isOutage(error))
        throw error;
      // A Vault that cannot log us in just now may still serve the token that is not quite over, and not every call
      // should wait to find that out.
      this.#lease = outlivedLease(lease, now + LOGIN_PAUSE_MS);
      return lease.token;
    }
  }

  /**
   * Finds out what a 403 means.
   * @returns a new token to try once; undefined when the denial is about the request, not about the token.
   */
  async afterDenial(denied: Secret, time: CallTime): Promise<Secret | undefined> {
    if (this.#lease?.token === denied) {
      if (this.#options.now() < this.#denialStandsUntil) return undefined;
      const path = ["auth", "token", "lookup-self"];
      const lookup = this.#options.send({ method: "GET", path, repeat: "always" }, denied.expose());
      if (!isRefusal((await time.until(lookup)).status)) return undefined;
      this.#forget(denied);
    }
    return this.token(time);
  }

  /** Says that a new token was denied as well: for a while no denial is taken for a dead token. */
  denialStands(): void {
    this.#denialStandsUntil = this.#options.now() + DENIAL_STANDS_MS;
  }

  /** Stops renewing. The token is revoked if asked for, then zeroed. */
  async close(revoke: boolean): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (revoke) await this.#loginSettled();
    const token = this.#lease?.token;
    this.#lease = undefined;
    if (token === undefined) return;
    try {
      if (revoke) await this.#revoke(token);
    } finally {
      token.dispose();
    }
  }

  async #revoke(token: Secret): Promise<void> {
    const path = ["auth", "token", "revoke-self"];
    const answer = await this.#options.send(
      { method: "POST", path, body: {}, repeat: "always" },
      token.expose(),
    );
    // A token that Vault does not know is as good as revoked.
    if (answer.status >= 400 && answer.status !== 403) throw failureOf(answer);
  }

  /** Waits a while for a login under way: what it is granted is to be revoked as well. */
  async #loginSettled(): Promise<void> {
    if (this.#login === undefined) return;
    this.#revoking = true;
    await raceSignal(this.#login, AbortSignal.timeout(CLOSING_WAIT_MS)).catch(() => undefined);
    this.#revoking = false;
  }

  #loggedIn(): Promise<TokenLease> {
    if (this.#closed) throw new SecretError("SECRET_CLOSED", "the Vault client was closed");
    this.#login ??= this.#logIn().finally(() => {
      this.#login = undefined;
    });
    return this.#login;
  }

  async #logIn(): Promise<TokenLease> {
    const granted = await this.#backoff.around(() => this.#granted());
    const lease = grantedLease(granted, this.#options.now());
    if (this.#closed && !this.#revoking) lease.token.dispose();
    else letGo(this.#lease?.token);
    if (!this.#closed) {
      this.#use(lease);
      return lease;
    }
    // Left for whoever closes, to be revoked.
    if (this.#revoking) this.#lease = lease;
    throw new SecretError("SECRET_CLOSED", "the Vault client was closed");
  }

  async #granted(): Promise<VaultLease> {
    const { login } = this.#options;
    try {
      return await login.login(this.#calls);
    } catch (cause) {
      if (SecretError.is(cause)) throw cause;
      throw new SecretError("SECRET_LOGIN_FAILED", `the ${login.method} login failed in its own code`, {
        cause,
      });
    }
  }

  #use(lease: TokenLease): void {
    this.#lease = lease;
    clearTimeout(this.#timer);
    if (!lease.renewable) return;
    const waitMs = Math.min(Math.max(0, lease.dueAt - this.#options.now()), MAX_TIMER_MS);
    this.#timer = setTimeout(() => void this.#renew(lease), waitMs);
    this.#timer.unref();
  }

  async #renew(lease: TokenLease): Promise<void> {
    // Longer leases than a timer can hold are reached in several steps.
    if (this.#options.now() < lease.dueAt) return this.#use(lease);
    const renewed = await this.#renewed(lease).catch(() => undefined);
    if (this.#closed || this.#lease !== lease) return;
    // Nothing more to be had from this token: the next call logs in.
    if (renewed === undefined) this.#lease = outlivedLease(lease, this.#options.now());
    else this.#use(renewed);
  }

  async #renewed(lease: TokenLease): Promise<TokenLease | undefined> {
    const path = ["auth", "token", "renew-self"];
    const token = lease.token.expose();
    const answer = await this.#options.send({ method: "POST", path, body: {}, repeat: "always" }, token);
    return renewedLease(lease, leaseOf(answer, "renewal"), this.#options.now());
  }

  #forget(token: Secret): void {
    if (this.#lease?.token !== token) return;
    clearTimeout(this.#timer);
    this.#lease = undefined;
    letGo(token);
  }
}

// Not at once: those who were just given it are about to put it into a request.
function letGo(token: Secret | undefined): void {
  setImmediate(() => token?.dispose());
}
