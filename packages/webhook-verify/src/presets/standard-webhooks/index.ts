import type { WebhookPreset } from "../../preset.ts";
import { type StandardWebhooksOptions, standardWebhooksPreset } from "../../standard-webhooks-preset.ts";

/** Standard Webhooks: HMAC-SHA-256 (`v1`) or Ed25519 (`v1a`) over id, time and body. */
export const standardWebhooks: WebhookPreset<StandardWebhooksOptions> = standardWebhooksPreset({
  name: "standard-webhooks",
  documentation: "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
  headerPrefix: "webhook",
});
