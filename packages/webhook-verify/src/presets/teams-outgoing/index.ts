import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Microsoft Teams outgoing webhooks: HMAC-SHA-256 over the body with a key shown in base64. */
export const teamsOutgoing: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "teams-outgoing",
  documentation:
    "https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook",
  signature: { form: "headers", headers: ["authorization"], authScheme: "HMAC" },
  encoding: "base64",
  secretEncoding: "base64",
});
