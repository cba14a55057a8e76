import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/**
 * Stripe: HMAC-SHA-256 over time and body. The `whsec_…` text itself is the key; the test scheme `v0` never counts.
 *
 * Differs from Symbiont: its preset reads the whole header as hex and so refuses every genuine delivery.
 */
export const stripe: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "stripe",
  documentation: "https://docs.stripe.com/webhooks/signature",
  signature: { form: "fields", header: "stripe-signature", separator: ",", timestamp: "t", label: "v1" },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "s" },
});
