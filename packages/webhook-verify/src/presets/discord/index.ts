import type { WebhookPreset } from "../../preset.ts";
import { type PublicKeyOptions, publicKeyPreset } from "../../public-key-preset.ts";

/** Discord interactions: Ed25519 over time and body. Discord probes with bad signatures and expects 401. */
export const discord: WebhookPreset<PublicKeyOptions> = publicKeyPreset({
  name: "discord",
  documentation: "https://discord.com/developers/docs/interactions/overview",
  keyEncoding: "ed25519-hex",
  signatureHeader: "x-signature-ed25519",
  encoding: "hex",
  timestamp: { header: "x-signature-timestamp", unit: "s" },
  signed: "{timestamp}{body}",
});
