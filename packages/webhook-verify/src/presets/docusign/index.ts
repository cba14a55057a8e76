import { hmacPreset, type TimedSecretOptions } from "../../hmac-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** DocuSign Connect: HMAC-SHA-256 over the body, one numbered header for each active key; any may match. */
export const docusign: WebhookPreset<TimedSecretOptions> = hmacPreset({
  name: "docusign",
  documentation: "https://developers.docusign.com/platform/webhooks/connect/hmac/",
  signature: {
    form: "headers",
    headers: [
      "x-docusign-signature-1",
      "x-docusign-signature-2",
      "x-docusign-signature-3",
      "x-docusign-signature-4",
      "x-docusign-signature-5",
      "x-docusign-signature-6",
      "x-docusign-signature-7",
      "x-docusign-signature-8",
    ],
  },
  encoding: "base64",
});
