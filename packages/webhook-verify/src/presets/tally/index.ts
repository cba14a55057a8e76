import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Tally: HMAC-SHA-256 over the body. */
export const tally: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "tally",
  documentation: "https://tally.so/help/webhooks",
  signature: { form: "headers", headers: ["tally-signature"] },
  encoding: "base64",
  unverified: true,
});
