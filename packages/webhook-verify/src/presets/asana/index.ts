import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Asana: HMAC-SHA-256 over the body. */
export const asana: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "asana",
  documentation: "https://developers.asana.com/docs/webhooks-guide",
  signature: { form: "headers", headers: ["x-hook-signature"] },
  encoding: "hex",
});
