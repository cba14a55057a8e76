import type { WebhookPreset } from "../../preset.ts";
import { type StandardWebhooksOptions, standardWebhooksPreset } from "../../standard-webhooks-preset.ts";

/** Svix: Standard Webhooks under header names of its own. */
export const svix: WebhookPreset<StandardWebhooksOptions> = standardWebhooksPreset({
  name: "svix",
  documentation: "https://docs.svix.com/receiving/verifying-payloads/how-manual",
  headerPrefix: "svix",
});
