import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Pusher: HMAC-SHA-256 over the body. */
export const pusher: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "pusher",
  documentation: "https://pusher.com/docs/channels/server_api/webhooks/",
  signature: { form: "headers", headers: ["x-pusher-signature"] },
  encoding: "hex",
  unverified: true,
});
