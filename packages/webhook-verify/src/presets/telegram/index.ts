import type { SecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";
import { tokenPreset } from "../../token-preset.ts";

/** Telegram bots: a shared token that vouches for the sender only. */
export const telegram: WebhookPreset<SecretOptions> = tokenPreset({
  name: "telegram",
  documentation: "https://core.telegram.org/bots/api#setwebhook",
  header: "x-telegram-bot-api-secret-token",
  unverified: true,
});
