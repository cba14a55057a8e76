import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** FastSpring: HMAC-SHA-256 over the body. */
export const fastspring: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "fastspring",
  documentation: "https://developer.fastspring.com/reference/message-security",
  signature: { form: "headers", headers: ["x-fs-signature"] },
  encoding: "base64",
  unverified: true,
});
