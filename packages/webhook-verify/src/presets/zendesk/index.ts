import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Zendesk: HMAC-SHA-256 over time (RFC 3339) and body. */
export const zendesk: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "zendesk",
  documentation: "https://developer.zendesk.com/documentation/webhooks/verifying/",
  signature: { form: "headers", headers: ["x-zendesk-webhook-signature"] },
  encoding: "base64",
  signed: "{timestamp}{body}",
  timestamp: { unit: "rfc3339", header: "x-zendesk-webhook-signature-timestamp" },
});
