import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** CircleCI: HMAC-SHA-256 over the body. */
export const circleci: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "circleci",
  documentation: "https://circleci.com/docs/outbound-webhooks/",
  signature: { form: "list", header: "circleci-signature", separator: ",", label: "v1" },
  encoding: "hex",
});
