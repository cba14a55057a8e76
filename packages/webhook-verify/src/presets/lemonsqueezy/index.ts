import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Lemon Squeezy: HMAC-SHA-256 over the body. */
export const lemonsqueezy: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "lemonsqueezy",
  documentation: "https://docs.lemonsqueezy.com/help/webhooks/signing-requests",
  signature: { form: "headers", headers: ["x-signature"] },
  encoding: "hex",
});
