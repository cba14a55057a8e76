import type { JsonObject, JsonTreeObject } from "@symbiont/kit";

/** One call of Vault's HTTP interface. */
export interface VaultRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Segments below `/v1/`, not escaped. None may be empty, `.` or `..`. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /**
   * When the call may be sent again: `always` when running it twice does no harm, `not-executed` when it must have
   * been refused before it ran.
   */
  readonly repeat: "always" | "not-executed";
  /** Statuses that are answers to this call, not failures. Default none beside 2xx. */
  readonly accept?: readonly number[];
}

/** What Vault answered. */
export interface VaultAnswer {
  readonly status: number;
  /** Numbers are kept as written. Empty when there was no body. */
  readonly body: JsonTreeObject;
  /** Whether an earlier try of this call got no answer, so that it may have run before. */
  readonly mayHaveRunBefore: boolean;
}
