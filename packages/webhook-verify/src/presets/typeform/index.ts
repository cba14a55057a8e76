import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Typeform: HMAC-SHA-256 over the body. */
export const typeform: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "typeform",
  documentation: "https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
  signature: { form: "headers", headers: ["typeform-signature"], prefix: "sha256=" },
  encoding: "base64",
});
