import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Expo EAS: HMAC-SHA-1 over the body. */
export const expo: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "expo",
  documentation: "https://docs.expo.dev/eas/webhooks/",
  signature: { form: "headers", headers: ["expo-signature"], prefix: "sha1=" },
  encoding: "hex",
  algorithm: "sha1",
  legacy: true,
  unverified: true,
});
