import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/**
 * HubSpot, version 1: SHA-256 of secret and body.
 *
 * No MAC: whoever sees a signature can append to the body. Use version 3 where HubSpot sends it.
 */
export const hubspotV1: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "hubspot-v1",
  documentation: "https://developers.hubspot.com/docs/api/webhooks/validating-requests",
  signature: { form: "headers", headers: ["x-hubspot-signature"] },
  encoding: "hex",
  algorithm: "secret-prefix-sha256",
  legacy: true,
});
