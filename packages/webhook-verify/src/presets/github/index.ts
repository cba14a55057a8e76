import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/**
 * GitHub: HMAC-SHA-256 over the body. The SHA-1 header beside it is never looked at.
 *
 * A redelivery repeats the same bytes: with a replay store, consider `onReplay: "report"`.
 */
export const github: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "github",
  documentation: "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
  signature: { form: "headers", headers: ["x-hub-signature-256"], prefix: "sha256=" },
  encoding: "hex",
  maxBodyBytes: 26_214_400,
});
