import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

const DECODED = /%(?:3A|2F|40|26|3D|2B|24|60|22|2C|3B|3E|3C|3F)/gi;

/** HubSpot, version 3: HMAC-SHA-256 over method, URL, body and time (in milliseconds). */
export const hubspotV3: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "hubspot-v3",
  documentation: "https://developers.hubspot.com/docs/api/webhooks/validating-requests",
  signature: { form: "headers", headers: ["x-hubspot-signature-v3"] },
  encoding: "base64",
  signed: "{method}{url}{body}{timestamp}",
  timestamp: { unit: "ms", header: "x-hubspot-request-timestamp" },
  // HubSpot signs the URL with exactly these escapes undone.
  writeUrl: (url) => url.replace(DECODED, (escaped) => String.fromCharCode(parseInt(escaped.slice(1), 16))),
});
