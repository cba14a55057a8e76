import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Paddle Billing: HMAC-SHA-256 over time and body. */
export const paddle: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "paddle",
  documentation: "https://developer.paddle.com/webhooks/signature-verification",
  signature: { form: "fields", header: "paddle-signature", separator: ";", timestamp: "ts", label: "h1" },
  encoding: "hex",
  signed: "{timestamp}:{body}",
  timestamp: { unit: "s" },
});
