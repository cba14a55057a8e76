import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Mux: HMAC-SHA-256 over time and body. */
export const mux: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "mux",
  documentation: "https://www.mux.com/docs/core/verify-webhook-signatures",
  signature: { form: "fields", header: "mux-signature", separator: ",", timestamp: "t", label: "v1" },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "s" },
});
