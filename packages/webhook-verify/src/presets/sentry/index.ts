import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Sentry: HMAC-SHA-256 over the body. */
export const sentry: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "sentry",
  documentation: "https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
  signature: { form: "headers", headers: ["sentry-hook-signature"] },
  encoding: "hex",
});
