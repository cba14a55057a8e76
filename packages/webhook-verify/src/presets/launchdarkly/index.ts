import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** LaunchDarkly: HMAC-SHA-256 over the body. */
export const launchdarkly: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "launchdarkly",
  documentation: "https://launchdarkly.com/docs/integrations/webhooks",
  signature: { form: "headers", headers: ["x-ld-signature"] },
  encoding: "hex",
  unverified: true,
});
