import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Coinbase Developer Platform: HMAC-SHA-256 over time and body (`v0`; the version that adds headers is not read). */
export const coinbaseCdp: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "coinbase-cdp",
  documentation: "https://docs.cdp.coinbase.com/webhooks/verify-signatures",
  signature: { form: "fields", header: "x-hook0-signature", separator: ",", timestamp: "t", label: "v0" },
  encoding: "hex",
  signed: "{timestamp}.{body}",
  timestamp: { unit: "s" },
  unverified: true,
});
