import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Calendly: HMAC-SHA-256 over time and body. */
export const calendly: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "calendly",
  documentation: "https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures",
  signature: {
    form: "fields",
    header: "calendly-webhook-signature",
    separator: ",",
    timestamp: "t",
    label: "v1",
  },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "s" },
});
