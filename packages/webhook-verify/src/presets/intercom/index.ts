import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Intercom: HMAC-SHA-1 over the body. */
export const intercom: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "intercom",
  documentation: "https://developers.intercom.com/docs/webhooks/webhook-models",
  signature: { form: "headers", headers: ["x-hub-signature"], prefix: "sha1=" },
  encoding: "hex",
  algorithm: "sha1",
  legacy: true,
});
