import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** ElevenLabs: HMAC-SHA-256 over time and body, within half an hour. */
export const elevenlabs: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "elevenlabs",
  documentation: "https://elevenlabs.io/docs/product-guides/administration/webhooks",
  signature: { form: "fields", header: "elevenlabs-signature", separator: ",", timestamp: "t", label: "v0" },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "s" },
  toleranceMs: 1_800_000,
});
