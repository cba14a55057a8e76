import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/**
 * Slack: HMAC-SHA-256 over version, time and body.
 *
 * Differs from Symbiont: its preset signs the body alone and so refuses every genuine delivery.
 */
export const slack: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "slack",
  documentation: "https://api.slack.com/authentication/verifying-requests-from-slack",
  signature: { form: "headers", headers: ["x-slack-signature"], prefix: "v0=" },
  encoding: "hex",
  signed: "v0:{timestamp}:{body}",
  timestamp: { unit: "s", header: "x-slack-request-timestamp" },
});
