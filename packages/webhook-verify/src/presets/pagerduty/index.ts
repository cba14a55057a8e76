import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** PagerDuty: HMAC-SHA-256 over the body, one entry for each secret. */
export const pagerduty: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "pagerduty",
  documentation: "https://developer.pagerduty.com/docs/verifying-webhook-signatures",
  signature: { form: "list", header: "x-pagerduty-signature", separator: ",", label: "v1" },
  encoding: "hex",
});
