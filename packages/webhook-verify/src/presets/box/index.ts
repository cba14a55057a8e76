import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Box: HMAC-SHA-256 over body and time (RFC 3339), with a primary and a secondary key. */
export const box: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "box",
  documentation: "https://developer.box.com/guides/webhooks/v2/signatures-v2/",
  signature: { form: "headers", headers: ["box-signature-primary", "box-signature-secondary"] },
  encoding: "base64",
  signed: "{body}{timestamp}",
  timestamp: { unit: "rfc3339", header: "box-delivery-timestamp" },
  toleranceMs: 600_000,
  fixedHeaders: [
    { header: "box-signature-version", value: "1", code: "WEBHOOK_UNSUPPORTED_VERSION" },
    { header: "box-signature-algorithm", value: "HmacSHA256", code: "WEBHOOK_ALGORITHM_NOT_ALLOWED" },
  ],
});
