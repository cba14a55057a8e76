import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Vercel: HMAC-SHA-1 over the body. */
export const vercel: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "vercel",
  documentation: "https://vercel.com/docs/webhooks/webhooks-api",
  signature: { form: "headers", headers: ["x-vercel-signature"] },
  encoding: "hex",
  algorithm: "sha1",
  legacy: true,
});
