import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Fintoc: HMAC-SHA-256 over time and body. */
export const fintoc: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "fintoc",
  documentation: "https://docs.fintoc.com/docs/webhooks-walkthrough",
  signature: { form: "fields", header: "fintoc-signature", separator: ",", timestamp: "t", label: "v1" },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "s" },
  unverified: true,
});
