import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Meta (Facebook, Instagram, WhatsApp): HMAC-SHA-256 over the body with its escaped Unicode, as received. */
export const meta: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "meta",
  documentation: "https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
  signature: { form: "headers", headers: ["x-hub-signature-256"], prefix: "sha256=" },
  encoding: "hex",
});
