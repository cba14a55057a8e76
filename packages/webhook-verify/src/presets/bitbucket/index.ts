import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Bitbucket Cloud: HMAC-SHA-256 over the body. */
export const bitbucket: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "bitbucket",
  documentation: "https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
  signature: { form: "headers", headers: ["x-hub-signature"], prefix: "sha256=" },
  encoding: "hex",
});
