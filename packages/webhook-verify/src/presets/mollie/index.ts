import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Mollie, next generation: HMAC-SHA-256 over the body; two header lines while a secret is being rotated. */
export const mollie: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "mollie",
  documentation: "https://docs.mollie.com/reference/webhooks-new",
  signature: { form: "headers", headers: ["x-mollie-signature"], prefix: "sha256=", repeated: true },
  encoding: "hex",
  unverified: true,
});
