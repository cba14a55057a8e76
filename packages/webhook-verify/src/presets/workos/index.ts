import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** WorkOS: HMAC-SHA-256 over time (in milliseconds) and body, within three minutes. */
export const workos: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "workos",
  documentation: "https://workos.com/docs/events/data-syncing/webhooks",
  signature: { form: "fields", header: "workos-signature", separator: ",", timestamp: "t", label: "v1" },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "ms" },
  toleranceMs: 180_000,
});
