import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Xero: HMAC-SHA-256 over the body. The intent-to-receive probe expects 401 for a bad signature. */
export const xero: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "xero",
  documentation: "https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/",
  signature: { form: "headers", headers: ["x-xero-signature"] },
  encoding: "base64",
});
