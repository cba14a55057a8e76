import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Zoom: HMAC-SHA-256 over version, time and body. */
export const zoom: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "zoom",
  documentation: "https://developers.zoom.us/docs/api/webhooks/",
  signature: { form: "headers", headers: ["x-zm-signature"], prefix: "v0=" },
  encoding: "hex",
  signed: "v0:{timestamp}:{body}",
  timestamp: { unit: "s", header: "x-zm-request-timestamp" },
});
