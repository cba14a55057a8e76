import type { WebhookPreset } from "../../preset.ts";
import { type PublicKeyOptions, publicKeyPreset } from "../../public-key-preset.ts";

/** SendGrid Event Webhook: ECDSA P-256 over time and body, whose last line break counts too. */
export const sendgrid: WebhookPreset<PublicKeyOptions> = publicKeyPreset({
  name: "sendgrid",
  documentation:
    "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
  keyEncoding: "p256-spki-base64",
  signatureHeader: "x-twilio-email-event-webhook-signature",
  encoding: "base64",
  timestamp: { header: "x-twilio-email-event-webhook-timestamp", unit: "s" },
  signed: "{timestamp}{body}",
});
