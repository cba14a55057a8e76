import { sha256Hex } from "@symbiont/keys";
import { CertificateKeys, type Certificates } from "../../certificate-source.ts";
import { decodeBytes } from "../../internal/digest-text.ts";
import { requiredHeader } from "../../internal/headers.ts";
import { checkAge, checkTolerance, readTimestamp } from "../../internal/timestamp.ts";
import { describePreset, type WebhookPreset } from "../../preset.ts";
import { WebhookError } from "../../webhook-error.ts";
import { crc32 } from "./crc32.ts";

/** Options of {@link paypal}. */
export interface PaypalOptions {
  /** The webhook's id, as the dashboard shows it: part of what is signed. */
  readonly webhookId: string;
  /** Signing certificates by URL, or `createRemoteCertificates()` of `@symbiont/webhook-verify/remote`. */
  readonly certificates: Certificates;
  /** Largest age, and largest lead, of a delivery in ms, up to one hour. Default 300,000. */
  readonly toleranceMs?: number;
}

const CERTIFICATE_URL =
  /^https:\/\/api(?:\.sandbox)?\.paypal\.com\/v1\/notifications\/certs\/[A-Za-z0-9_-]{1,200}$/;

/**
 * PayPal: RSA with SHA-256 over id, time, webhook id and the CRC-32 of the body. A checksum binds nothing: other
 * bodies with the same one are easily made. Ask PayPal's postback API before money moves.
 */
export const paypal: WebhookPreset<PaypalOptions> = {
  ...describePreset({
    name: "paypal",
    documentation: "https://developer.paypal.com/api/rest/webhooks/rest/",
    bodyBound: false,
  }),
  prepare: ({ webhookId, certificates, toleranceMs: requested = 300_000 }) => {
    const keys = new CertificateKeys(certificates);
    const toleranceMs = checkTolerance("toleranceMs", requested);
    if (typeof webhookId !== "string" || webhookId === "") throw new TypeError("webhookId must be a text");
    return {
      check: async ({ headers, rawBody }, nowMs) => {
        const id = requiredHeader(headers, "paypal-transmission-id");
        const time = requiredHeader(headers, "paypal-transmission-time");
        const signatureText = requiredHeader(headers, "paypal-transmission-sig");
        const url = requiredHeader(headers, "paypal-cert-url");
        const algorithm = requiredHeader(headers, "paypal-auth-algo");
        if (!CERTIFICATE_URL.test(url))
          throw new WebhookError("WEBHOOK_CERT_UNTRUSTED", "certificate is not one that PayPal hosts");
        if (algorithm !== "SHA256withRSA")
          throw new WebhookError("WEBHOOK_ALGORITHM_NOT_ALLOWED", "algorithm is not SHA256withRSA");
        const timestampMs = readTimestamp(time, "rfc3339");
        checkAge(timestampMs, nowMs, toleranceMs);
        const signature = decodeBytes(signatureText, "base64");
        if (signature === undefined)
          throw new WebhookError("WEBHOOK_BAD_ENCODING", "signature is not base64");

        const text = `${id}|${time}|${webhookId}|${crc32(rawBody)}`;
        const key = await keys.key(url, nowMs);
        if (!(await key.verify(new TextEncoder().encode(text), signature)))
          throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "signature does not fit the certificate");
        return { keyIndex: 0, id, timestampMs, windowMs: toleranceMs * 2, identity: () => sha256Hex(text) };
      },
    };
  },
};
