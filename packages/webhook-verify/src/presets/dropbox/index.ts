import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Dropbox: HMAC-SHA-256 over the body. */
export const dropbox: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "dropbox",
  documentation: "https://www.dropbox.com/developers/reference/webhooks",
  signature: { form: "headers", headers: ["x-dropbox-signature"] },
  encoding: "hex",
});
