import type { SecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";
import { tokenPreset } from "../../token-preset.ts";

/** Deepgram callbacks: a shared token that vouches for the sender only. */
export const deepgram: WebhookPreset<SecretOptions> = tokenPreset({
  name: "deepgram",
  documentation: "https://developers.deepgram.com/docs/using-callbacks-to-return-transcripts-to-your-server",
  header: "dg-token",
  unverified: true,
});
