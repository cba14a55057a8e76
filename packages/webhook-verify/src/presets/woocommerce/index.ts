import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** WooCommerce: HMAC-SHA-256 over the body. */
export const woocommerce: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "woocommerce",
  documentation: "https://developer.woocommerce.com/docs/best-practices/urls-and-routing/webhooks/",
  signature: { form: "headers", headers: ["x-wc-webhook-signature"] },
  encoding: "base64",
});
