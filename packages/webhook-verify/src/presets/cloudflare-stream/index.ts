import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Cloudflare Stream: HMAC-SHA-256 over time and body. */
export const cloudflareStream: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "cloudflare-stream",
  documentation: "https://developers.cloudflare.com/stream/manage-video-library/using-webhooks/",
  signature: {
    form: "fields",
    header: "webhook-signature",
    separator: ",",
    timestamp: "time",
    label: "sig1",
  },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "s" },
  unverified: true,
});
