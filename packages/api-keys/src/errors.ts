import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why an API key operation was refused or failed. */
export type ApiKeyErrorCode =
  /** The request carries no API key. */
  | "API_KEY_MISSING"
  /** The header is malformed, or there is more than one credential. */
  | "API_KEY_HEADER_INVALID"
  /** The key does not authenticate anyone; the reason is in the audit record only. */
  | "API_KEY_REFUSED"
  /** The key is valid, but not for this agent, scope or for administration. */
  | "API_KEY_SCOPE_DENIED"
  /** Too many slow hashes are waiting. */
  | "API_KEY_BUSY"
  /** Too many attempts; see `retryAfterMs`. */
  | "API_KEY_THROTTLED"
  /** There is no key of that id. */
  | "API_KEY_NOT_FOUND"
  /** There is a key of that id already. */
  | "API_KEY_EXISTS"
  /** A revoked, expired or already replaced key cannot be rotated. */
  | "API_KEY_INACTIVE"
  /** Somebody else changed the record. */
  | "API_KEY_CONFLICT"
  /** An imported secret can be guessed. */
  | "API_KEY_WEAK_SECRET"
  /** The issued token was taken already. */
  | "API_KEY_TOKEN_TAKEN"
  /** The store could not be asked. */
  | "API_KEY_STORE_UNAVAILABLE"
  /** What the store holds cannot be trusted. */
  | "API_KEY_STORE_CORRUPT"
  /** The audit sink did not take a record it must have. */
  | "API_KEY_AUDIT_FAILED";

const RETRYABLE: ReadonlySet<ApiKeyErrorCode> = new Set([
  "API_KEY_BUSY",
  "API_KEY_THROTTLED",
  "API_KEY_CONFLICT",
]);

const HTTP_STATUS: Readonly<Record<ApiKeyErrorCode, number>> = {
  API_KEY_MISSING: 401,
  API_KEY_HEADER_INVALID: 400,
  API_KEY_REFUSED: 401,
  API_KEY_SCOPE_DENIED: 403,
  API_KEY_BUSY: 503,
  API_KEY_THROTTLED: 429,
  API_KEY_NOT_FOUND: 404,
  API_KEY_EXISTS: 409,
  API_KEY_INACTIVE: 409,
  API_KEY_CONFLICT: 409,
  API_KEY_WEAK_SECRET: 422,
  API_KEY_TOKEN_TAKEN: 500,
  API_KEY_STORE_UNAVAILABLE: 503,
  API_KEY_STORE_CORRUPT: 503,
  API_KEY_AUDIT_FAILED: 503,
};

/** Error of `@symbiont/api-keys`. Never holds a token, a secret or a hash. */
export class ApiKeyError extends SymbiontError<ApiKeyErrorCode> {
  /** Milliseconds until the same call may succeed, when that is known. */
  readonly retryAfterMs?: number;

  constructor(
    code: ApiKeyErrorCode,
    message: string,
    options: SymbiontErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(code, message, { ...options, retryable: options.retryable ?? RETRYABLE.has(code) });
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
  /** The status that suits an HTTP response. */
  get httpStatus(): number {
    return HTTP_STATUS[this.code];
  }
}
