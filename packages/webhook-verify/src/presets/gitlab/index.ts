import type { SecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";
import { tokenPreset } from "../../token-preset.ts";

/** GitLab: a shared token that vouches for the sender only. Prefer `gitlab-signing`. */
export const gitlab: WebhookPreset<SecretOptions> = tokenPreset({
  name: "gitlab",
  documentation: "https://docs.gitlab.com/user/project/integrations/webhooks/",
  header: "x-gitlab-token",
  unverified: true,
});
