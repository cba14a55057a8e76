import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Hookdeck: HMAC-SHA-256 over the body. */
export const hookdeck: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "hookdeck",
  documentation: "https://hookdeck.com/docs/authentication",
  signature: { form: "headers", headers: ["x-hookdeck-signature"] },
  encoding: "base64",
});
