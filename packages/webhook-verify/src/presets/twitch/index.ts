import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Twitch EventSub: HMAC-SHA-256 over id, time (RFC 3339) and body. */
export const twitch: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "twitch",
  documentation: "https://dev.twitch.tv/docs/eventsub/handling-webhook-events/",
  signature: { form: "headers", headers: ["twitch-eventsub-message-signature"], prefix: "sha256=" },
  encoding: "hex",
  signed: "{id}{timestamp}{body}",
  timestamp: { unit: "rfc3339", header: "twitch-eventsub-message-timestamp" },
  idHeader: "twitch-eventsub-message-id",
  unverified: true,
});
