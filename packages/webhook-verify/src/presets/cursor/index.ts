import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Cursor: HMAC-SHA-256 over the body. */
export const cursor: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "cursor",
  documentation: "https://docs.cursor.com/en/background-agent/api/webhooks",
  signature: { form: "headers", headers: ["x-webhook-signature"], prefix: "sha256=" },
  encoding: "hex",
  unverified: true,
});
