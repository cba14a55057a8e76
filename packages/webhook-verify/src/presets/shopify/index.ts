import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Shopify: HMAC-SHA-256 over the body. */
export const shopify: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "shopify",
  documentation: "https://shopify.dev/docs/apps/build/webhooks/subscribe/https",
  signature: { form: "headers", headers: ["x-shopify-hmac-sha256"] },
  encoding: "base64",
});
