import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Razorpay: HMAC-SHA-256 over the body. */
export const razorpay: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "razorpay",
  documentation: "https://razorpay.com/docs/webhooks/validate-test/",
  signature: { form: "headers", headers: ["x-razorpay-signature"] },
  encoding: "hex",
});
