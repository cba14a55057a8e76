import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Notion: HMAC-SHA-256 over the body with the verification token; the handshake that shows the token is not signed. */
export const notion: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "notion",
  documentation: "https://developers.notion.com/reference/webhooks",
  signature: { form: "headers", headers: ["x-notion-signature"], prefix: "sha256=" },
  encoding: "hex",
});
