import { headerValues } from "./internal/headers.ts";
import type { WebhookPreset } from "./preset.ts";
import { WebhookError, type WebhookErrorCode } from "./webhook-error.ts";
import type { WebhookRequest } from "./webhook-request.ts";
import { createWebhookVerifier, type VerifierOptions } from "./webhook-verifier.ts";

/** What a log may say about a delivery. No part of the body, no header value, nothing to trust. */
export interface WebhookInspection {
  readonly preset: string;
  readonly outcome: "genuine" | "refused";
  /** Why it was refused. */
  readonly code?: WebhookErrorCode;
  /** One sentence to `code`. */
  readonly reason?: string;
  readonly bodyBytes: number;
  readonly contentType?: string;
  readonly keyIndex?: number;
  readonly keyId?: string;
  /** The sender's time and its distance from now, when the signature vouches for it. */
  readonly timestampMs?: number;
  readonly ageMs?: number;
}

const MAX_CONTENT_TYPE = 100;

/**
 * Reports on a delivery, for logs and for finding out why one is refused. Never consults or fills the replay
 * store, and its result is no {@link WebhookEvent}.
 * @throws TypeError or RangeError (as a rejection) for a wrong option, never because of the delivery.
 */
export async function inspectWebhook<Options>(
  preset: WebhookPreset<Options>,
  request: WebhookRequest,
  options: NoInfer<Options> & VerifierOptions,
): Promise<WebhookInspection> {
  const { now = Date.now } = options;
  const nowMs = now();
  const { replay: _, ...rest } = options;
  // Presets that insist on a store get one that remembers nothing.
  const replay = { putIfAbsent: (): boolean => true };
  const verifier = createWebhookVerifier<Options>(preset, {
    ...(rest as typeof options),
    replay,
    now: () => nowMs,
  });
  const [contentType] = headerValues(request.headers, "content-type");
  const seen = {
    preset: preset.name,
    bodyBytes: request.rawBody.length,
    ...(contentType === undefined ? {} : { contentType: contentType.slice(0, MAX_CONTENT_TYPE) }),
  };
  try {
    const { keyIndex, keyId, timestampMs } = await verifier.verify(request);
    return {
      ...seen,
      outcome: "genuine",
      keyIndex,
      ...(keyId === undefined ? {} : { keyId }),
      ...(timestampMs === undefined ? {} : { timestampMs, ageMs: nowMs - timestampMs }),
    };
  } catch (error) {
    if (!WebhookError.is(error)) throw error;
    return { ...seen, outcome: "refused", code: error.code, reason: error.message };
  }
}
