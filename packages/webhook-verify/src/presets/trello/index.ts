import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Trello: HMAC-SHA-1 over the body and the callback URL. */
export const trello: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "trello",
  documentation: "https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/",
  signature: { form: "headers", headers: ["x-trello-webhook"] },
  encoding: "base64",
  signed: "{body}{url}",
  algorithm: "sha1",
  legacy: true,
});
