import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/**
 * The `custom` provider of Symbiont: hex HMAC-SHA-256 over the body in `X-Signature`.
 *
 * Differs from Symbiont: an unknown provider name does not end up here.
 */
export const symbiontCustom: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "symbiont-custom",
  documentation: "https://github.com/ThirdKeyAI/Symbiont/blob/main/docs/http-input.md",
  signature: { form: "headers", headers: ["x-signature"] },
  encoding: "hex",
});
