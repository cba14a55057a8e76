import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** ClickUp: HMAC-SHA-256 over the body. */
export const clickup: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "clickup",
  documentation: "https://developer.clickup.com/docs/webhooksignature",
  signature: { form: "headers", headers: ["x-signature"] },
  encoding: "hex",
  unverified: true,
});
