import type { VaultAnswer, VaultRequest } from "./vault-request.ts";

/** A way of getting a token. Called when there is none yet and whenever the last one has run out. */
export interface VaultLogin {
  /** Goes into messages, for example `approle`. */
  readonly method: string;
  /** @throws SecretError `SECRET_LOGIN_FAILED`, `SECRET_UNAVAILABLE` and so on. No message holds a credential. */
  login(calls: VaultLoginCalls): Promise<VaultLease>;
}

/** What a login may do. */
export interface VaultLoginCalls {
  /**
   * Sends a request, with the given token or without any, and gives whatever comes back.
   * @throws SecretError only when there is no answer.
   */
  send(request: VaultRequest, token?: string): Promise<VaultAnswer>;
}

/** A token as Vault grants it. */
export interface VaultLease {
  readonly token: string;
  /** Milliseconds from now; 0 when it does not run out. */
  readonly leaseMs: number;
  readonly renewable: boolean;
}
