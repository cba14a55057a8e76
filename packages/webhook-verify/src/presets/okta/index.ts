import type { SecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";
import { tokenPreset } from "../../token-preset.ts";

/** Okta event hooks: a shared `Authorization` value that vouches for the sender only. */
export const okta: WebhookPreset<SecretOptions> = tokenPreset({
  name: "okta",
  documentation: "https://developer.okta.com/docs/concepts/event-hooks/",
  header: "authorization",
  unverified: true,
});
