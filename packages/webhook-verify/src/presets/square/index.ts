import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Square: HMAC-SHA-256 over the notification URL and the body. */
export const square: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "square",
  documentation: "https://developer.squareup.com/docs/webhooks/step3validate",
  signature: { form: "headers", headers: ["x-square-hmacsha256-signature"] },
  encoding: "base64",
  signed: "{url}{body}",
});
