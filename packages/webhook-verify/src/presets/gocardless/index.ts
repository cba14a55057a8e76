import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** GoCardless: HMAC-SHA-256 over the body. */
export const gocardless: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "gocardless",
  documentation: "https://developer.gocardless.com/api-reference/#webhooks-signing-webhooks",
  signature: { form: "headers", headers: ["webhook-signature"] },
  encoding: "hex",
  unverified: true,
});
