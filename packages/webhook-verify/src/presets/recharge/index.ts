import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/**
 * Recharge, legacy header: SHA-256 of secret and body.
 *
 * No MAC: whoever sees a signature can append to the body.
 */
export const recharge: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "recharge",
  documentation: "https://developer.rechargepayments.com/2021-11/webhooks_explained",
  signature: { form: "headers", headers: ["x-recharge-hmac-sha256"] },
  encoding: "hex",
  algorithm: "secret-prefix-sha256",
  legacy: true,
  unverified: true,
});
