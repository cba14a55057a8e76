import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Webflow: HMAC-SHA-256 over time (in milliseconds) and body. */
export const webflow: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "webflow",
  documentation: "https://developers.webflow.com/data/docs/working-with-webhooks",
  signature: { form: "headers", headers: ["x-webflow-signature"] },
  encoding: "hex",
  signed: "{timestamp}:{body}",
  timestamp: { unit: "ms", header: "x-webflow-timestamp" },
});
