import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Linear: HMAC-SHA-256 over the body, whose `webhookTimestamp` must be within a minute. */
export const linear: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "linear",
  documentation: "https://linear.app/developers/webhooks",
  signature: { form: "headers", headers: ["linear-signature"] },
  encoding: "hex",
  timestamp: { unit: "ms", bodyMember: "webhookTimestamp" },
  toleranceMs: 60_000,
  maxBodyBytes: 5_242_880,
});
