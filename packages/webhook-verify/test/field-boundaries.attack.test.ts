import { generateKeyPairSync, sign } from "node:crypto";
import { createWebhookVerifier, MemoryReplayStore, signWebhook } from "@symbiont/webhook-verify";
import { adyenItem } from "@symbiont/webhook-verify/presets/adyen-item";
import { awsSns } from "@symbiont/webhook-verify/presets/aws-sns";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";

const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("an Amazon SNS message taken apart at other places", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const url = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem";
  const now = (): number => Date.UTC(2026, 0, 1);
  const rest = { Timestamp: "2026-01-01T00:00:00.000Z", TopicArn: "arn:aws:sns:x:1:t", Type: "Notification" };

  /** What Amazon signs: names and values, a line each. */
  function delivery(members: Readonly<Record<string, string>>, signature?: string) {
    const text = Object.entries(members).reduce((all, [name, value]) => `${all}${name}\n${value}\n`, "");
    const Signature = signature ?? sign("sha256", Buffer.from(text), privateKey).toString("base64");
    const body = { ...members, Signature, SignatureVersion: "2", SigningCertURL: url };
    return { headers: {}, rawBody: encode(body), Signature, text };
  }

  const verifier = createWebhookVerifier(awsSns, {
    certificates: { [url]: publicKey.export({ type: "spki", format: "pem" }) as string },
    topicArns: [rest.TopicArn],
    replay: new MemoryReplayStore({ now }),
    now,
  });

  test("is refused, whether its id or a subject is made of the message's end", async () => {
    const whole = { Message: "pay nobody\nMessageId\nsecond\nSubject\nall", MessageId: "first", ...rest };
    const genuine = delivery(whole);
    expect((await verifier.verify(genuine)).id).toBe("first");
    for (const other of [
      { Message: "pay nobody", MessageId: "second\nSubject\nall\nMessageId\nfirst", ...rest },
      { Message: "pay nobody", MessageId: "second", Subject: "all\nMessageId\nfirst", ...rest },
    ]) {
      const forged = delivery(other, genuine.Signature);
      expect(forged.text).toBe(genuine.text);
      expect(await refusal(verifier.verify(forged))).toBe("WEBHOOK_MALFORMED_BODY");
    }
  });
});

describe("an Adyen notification taken apart at other places", () => {
  const secrets = ["ab".repeat(32)];
  const item = {
    pspReference: "P1",
    merchantAccountCode: "Shop",
    merchantReference: "order 1:999:1000",
    amount: { value: 5, currency: "EUR" },
    eventCode: "AUTHORISATION",
    success: "true",
  };

  test("is refused, while the merchant's own reference may hold colons", async () => {
    const body = (one: object) => ({ notificationItems: [{ NotificationRequestItem: one }] });
    const signed = await signWebhook(adyenItem, { rawBody: encode(body(item)) }, { secrets });
    const verifier = createWebhookVerifier(adyenItem, { secrets });
    await verifier.verify(signed);
    const sent = JSON.parse(new TextDecoder().decode(signed.rawBody)) as ReturnType<typeof body>;
    const genuine = sent.notificationItems[0]?.NotificationRequestItem as typeof item;
    const forged = {
      ...genuine,
      merchantReference: "order 1",
      amount: { value: "999:1000:5", currency: "EUR" },
    };
    expect(await refusal(verifier.verify({ headers: {}, rawBody: encode(body(forged)) }))).toBe(
      "WEBHOOK_MALFORMED_BODY",
    );
  });
});
