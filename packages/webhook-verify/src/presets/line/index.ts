import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** LINE: HMAC-SHA-256 over the body. */
export const line: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "line",
  documentation: "https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/",
  signature: { form: "headers", headers: ["x-line-signature"] },
  encoding: "base64",
});
