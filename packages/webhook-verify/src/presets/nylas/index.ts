import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Nylas: HMAC-SHA-256 over the body. */
export const nylas: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "nylas",
  documentation: "https://developer.nylas.com/docs/v3/notifications/",
  signature: { form: "headers", headers: ["x-nylas-signature"] },
  encoding: "hex",
  unverified: true,
});
