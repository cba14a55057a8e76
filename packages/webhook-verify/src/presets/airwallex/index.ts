import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Airwallex: HMAC-SHA-256 over time (in milliseconds) and body. */
export const airwallex: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "airwallex",
  documentation: "https://www.airwallex.com/docs/developer-tools__listen-for-webhook-events",
  signature: { form: "headers", headers: ["x-signature"] },
  encoding: "hex",
  signed: "{timestamp}{body}",
  timestamp: { unit: "ms", header: "x-timestamp" },
  unverified: true,
});
