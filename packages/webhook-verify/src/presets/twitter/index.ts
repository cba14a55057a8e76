import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** X (Twitter): HMAC-SHA-256 over the body. */
export const twitter: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "twitter",
  documentation:
    "https://developer.x.com/en/docs/x-api/enterprise/account-activity-api/guides/securing-webhooks",
  signature: { form: "headers", headers: ["x-twitter-webhooks-signature"], prefix: "sha256=" },
  encoding: "base64",
});
