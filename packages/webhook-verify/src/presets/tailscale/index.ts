import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Tailscale: HMAC-SHA-256 over time and body. */
export const tailscale: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "tailscale",
  documentation: "https://tailscale.com/kb/1213/webhooks",
  signature: {
    form: "fields",
    header: "tailscale-webhook-signature",
    separator: ",",
    timestamp: "t",
    label: "v1",
  },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "s" },
  unverified: true,
});
