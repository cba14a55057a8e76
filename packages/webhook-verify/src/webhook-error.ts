import { SymbiontError, type SymbiontErrorOptions } from "@symbiont/kit";

/** Why a delivery was refused. */
export type WebhookErrorCode =
  | "WEBHOOK_MISSING_HEADER"
  | "WEBHOOK_DUPLICATE_HEADER"
  | "WEBHOOK_MALFORMED_HEADER"
  | "WEBHOOK_MALFORMED_BODY"
  | "WEBHOOK_BODY_TOO_LARGE"
  | "WEBHOOK_UNSUPPORTED_VERSION"
  | "WEBHOOK_ALGORITHM_NOT_ALLOWED"
  | "WEBHOOK_BAD_ENCODING"
  | "WEBHOOK_TIMESTAMP_INVALID"
  | "WEBHOOK_TIMESTAMP_TOO_OLD"
  | "WEBHOOK_TIMESTAMP_TOO_NEW"
  | "WEBHOOK_SIGNATURE_MISMATCH"
  | "WEBHOOK_BODY_DIGEST_MISMATCH"
  | "WEBHOOK_MISSING_CONTEXT"
  | "WEBHOOK_CERT_UNTRUSTED"
  | "WEBHOOK_KEY_NOT_FOUND"
  | "WEBHOOK_KEYS_UNAVAILABLE"
  | "WEBHOOK_JWT_MALFORMED"
  | "WEBHOOK_CLAIM_MISSING"
  | "WEBHOOK_CLAIM_INVALID"
  | "WEBHOOK_TOKEN_EXPIRED"
  | "WEBHOOK_TOKEN_NOT_ACTIVE"
  | "WEBHOOK_REPLAYED"
  | "WEBHOOK_REPLAY_STORE_FAILED"
  | "WEBHOOK_RUNTIME_UNSUPPORTED"
  | "WEBHOOK_CHECK_FAILED";

const STATUS: ReadonlyMap<WebhookErrorCode, number> = new Map<WebhookErrorCode, number>([
  ["WEBHOOK_BODY_TOO_LARGE", 413],
  ["WEBHOOK_MISSING_CONTEXT", 500],
  ["WEBHOOK_RUNTIME_UNSUPPORTED", 500],
  ["WEBHOOK_CHECK_FAILED", 500],
  ["WEBHOOK_KEYS_UNAVAILABLE", 503],
  ["WEBHOOK_REPLAY_STORE_FAILED", 503],
]);

const RETRYABLE: ReadonlySet<WebhookErrorCode> = new Set<WebhookErrorCode>([
  "WEBHOOK_KEYS_UNAVAILABLE",
  "WEBHOOK_REPLAY_STORE_FAILED",
]);

/**
 * Error of `@symbiont/webhook-verify`. Messages name headers and fields, never their values, and hold neither
 * secret nor body nor the digest that would have been right.
 */
export class WebhookError extends SymbiontError<WebhookErrorCode> {
  constructor(code: WebhookErrorCode, message: string, options: Pick<SymbiontErrorOptions, "cause"> = {}) {
    super(code, message, { ...options, retryable: RETRYABLE.has(code) });
  }

  /**
   * Status to answer with: 401, except 413 for a body over the limit, 500 for a mistake on this side and 503
   * where trying again may help. Send the same text with every 401, so that probing learns nothing.
   */
  get httpStatus(): number {
    return STATUS.get(this.code) ?? 401;
  }
}
