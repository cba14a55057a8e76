import { sha256Hex } from "@symbiont/keys";
import { encodeUtf8, type JsonTreeObject } from "@symbiont/kit";
import { CertificateKeys, type Certificates } from "../../certificate-source.ts";
import { decodeBytes } from "../../internal/digest-text.ts";
import { asText, readJsonObject } from "../../internal/json-body.ts";
import { checkAge, checkTolerance, readTimestamp } from "../../internal/timestamp.ts";
import { describePreset, type WebhookPreset } from "../../preset.ts";
import { WebhookError } from "../../webhook-error.ts";

/** Options of {@link awsSns}. */
export interface AwsSnsOptions {
  /** Signing certificates by URL, or `createRemoteCertificates()` of `@symbiont/webhook-verify/remote`. */
  readonly certificates: Certificates;
  /**
   * Topics whose messages count. Anybody with an account can have Amazon sign messages of a topic of their own;
   * `false` is the explicit choice to take those too.
   */
  readonly topicArns: readonly string[] | false;
  /** Largest age, and largest lead, of a message in ms, up to one hour. Default 3,600,000. */
  readonly toleranceMs?: number;
}

const CONFIRMATION = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
/** Signed members by message type, in the order in which they are signed. `Subject` may be absent. */
const SIGNED: ReadonlyMap<string, readonly string[]> = new Map([
  ["Notification", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]],
  ["SubscriptionConfirmation", CONFIRMATION],
  ["UnsubscribeConfirmation", CONFIRMATION],
]);
const CERTIFICATE_URL =
  /^https:\/\/sns\.[a-z0-9-]{3,32}\.amazonaws\.com(?:\.cn)?\/[A-Za-z0-9._-]{1,200}\.pem$/;

/**
 * Amazon SNS: RSA with SHA-256 (signature version 2) over some members of the body, by a certificate that Amazon
 * hosts. Version 1, over SHA-1, is refused: turn version 2 on for the topic. Message attributes are not covered:
 * read the signed members from `claims`.
 */
export const awsSns: WebhookPreset<AwsSnsOptions> = {
  ...describePreset({
    name: "aws-sns",
    documentation: "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html",
    bodyBound: false,
  }),
  prepare: ({ certificates, topicArns, toleranceMs: requested = 3_600_000 }) => {
    const keys = new CertificateKeys(certificates);
    const toleranceMs = checkTolerance("toleranceMs", requested);
    if (topicArns !== false && (!Array.isArray(topicArns) || topicArns.length === 0))
      throw new TypeError("topicArns must list the accepted topics, or be false");
    return {
      check: async ({ rawBody }, nowMs) => {
        const message = readJsonObject(rawBody);
        const claims = readSigned(message);
        if (message["SignatureVersion"] !== "2")
          throw new WebhookError("WEBHOOK_UNSUPPORTED_VERSION", "signature is not of version 2");
        const url = asText(message["SigningCertURL"], "SigningCertURL");
        if (!CERTIFICATE_URL.test(url))
          throw new WebhookError("WEBHOOK_CERT_UNTRUSTED", "certificate is not one that Amazon SNS hosts");
        const timestampMs = readTimestamp(claims["Timestamp"] ?? "", "rfc3339");
        checkAge(timestampMs, nowMs, toleranceMs);
        const signature = decodeBytes(asText(message["Signature"], "Signature"), "base64");
        if (signature === undefined)
          throw new WebhookError("WEBHOOK_BAD_ENCODING", "signature is not base64");

        const text = Object.entries(claims).reduce((text, [name, value]) => `${text}${name}\n${value}\n`, "");
        const key = await keys.key(url, nowMs);
        if (!(await key.verify(encodeUtf8(text), signature)))
          throw new WebhookError("WEBHOOK_SIGNATURE_MISMATCH", "signature does not fit the certificate");
        if (topicArns !== false && !topicArns.includes(claims["TopicArn"] ?? ""))
          throw new WebhookError("WEBHOOK_CLAIM_INVALID", "message is not of an accepted topic");
        const id = claims["MessageId"] ?? "";
        return {
          keyIndex: 0,
          id,
          timestampMs,
          claims,
          windowMs: toleranceMs * 2,
          identity: () => sha256Hex(id),
        };
      },
    };
  },
};

function readSigned(message: JsonTreeObject): Readonly<Record<string, string>> {
  const names = SIGNED.get(asText(message["Type"], "Type"));
  if (names === undefined) throw new WebhookError("WEBHOOK_MALFORMED_BODY", "message is of no known type");
  const present = names.filter((name) => name !== "Subject" || (message[name] ?? null) !== null);
  return Object.fromEntries(present.map((name) => [name, asLine(name, asText(message[name], name))]));
}

/**
 * Members are signed one behind the other, with line breaks between them. Where only the first may hold any, the signed
 * text can be taken apart in one way; else the end of a message could be passed off as its id.
 */
function asLine(name: string, text: string): string {
  if (name !== "Message" && /[\r\n]/.test(text))
    throw new WebhookError("WEBHOOK_MALFORMED_BODY", `member ${name} holds a line break`);
  return text;
}
