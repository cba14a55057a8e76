import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Gitea and Forgejo: HMAC-SHA-256 over the body, under either name. */
export const gitea: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "gitea",
  documentation: "https://docs.gitea.com/usage/webhooks",
  signature: { form: "headers", headers: ["x-gitea-signature", "x-forgejo-signature"] },
  encoding: "hex",
});
