import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Paystack: HMAC-SHA-512 over the body. */
export const paystack: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "paystack",
  documentation: "https://paystack.com/docs/payments/webhooks/",
  signature: { form: "headers", headers: ["x-paystack-signature"] },
  encoding: "hex",
  algorithm: "sha512",
});
