import type { WebhookPreset } from "../../preset.ts";
import { type StandardWebhooksOptions, standardWebhooksPreset } from "../../standard-webhooks-preset.ts";

/** GitLab signing token: Standard Webhooks with a key of 32 bytes. The id equals the `Idempotency-Key`. */
export const gitlabSigning: WebhookPreset<StandardWebhooksOptions> = standardWebhooksPreset({
  name: "gitlab-signing",
  documentation: "https://docs.gitlab.com/user/project/integrations/webhooks/",
  headerPrefix: "webhook",
});
