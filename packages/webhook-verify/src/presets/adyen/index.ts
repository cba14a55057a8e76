import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Adyen for platforms and banking: HMAC-SHA-256 over the body with a key shown in hex. */
export const adyen: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "adyen",
  documentation:
    "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
  signature: { form: "headers", headers: ["hmacsignature"] },
  encoding: "base64",
  secretEncoding: "hex",
});
