import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Jira webhooks made by an administrator: HMAC-SHA-256 over the body. Those of Connect and OAuth apps are not signed. */
export const jira: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "jira",
  documentation: "https://developer.atlassian.com/cloud/jira/platform/webhooks/",
  signature: { form: "headers", headers: ["x-hub-signature"], prefix: "sha256=" },
  encoding: "hex",
});
