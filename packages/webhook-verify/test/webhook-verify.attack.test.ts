import { type SignedWebhook, signWebhook, verifyWebhook, type WebhookPreset } from "@symbiont/webhook-verify";
import { adyenItem } from "@symbiont/webhook-verify/presets/adyen-item";
import { discord } from "@symbiont/webhook-verify/presets/discord";
import { docusign } from "@symbiont/webhook-verify/presets/docusign";
import { github } from "@symbiont/webhook-verify/presets/github";
import { linear } from "@symbiont/webhook-verify/presets/linear";
import { mattermost } from "@symbiont/webhook-verify/presets/mattermost";
import { pagerduty } from "@symbiont/webhook-verify/presets/pagerduty";
import { slack } from "@symbiont/webhook-verify/presets/slack";
import { standardWebhooks } from "@symbiont/webhook-verify/presets/standard-webhooks";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import { twilio } from "@symbiont/webhook-verify/presets/twilio";
import { zendesk } from "@symbiont/webhook-verify/presets/zendesk";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";
import { refusal } from "./refusal.ts";

const nowMs = 1_700_000_000_000;
const now = (): number => nowMs;
const options = { secrets: ["a-shared-secret-value"], now };
const rawBody = new TextEncoder().encode('{"a": 1, "b": "\u00e9"}');

function withHeader(signed: SignedWebhook, name: string, value: string): SignedWebhook {
  return { ...signed, headers: { ...signed.headers, [name]: value } };
}

describe("a flipped bit", () => {
  test.each([
    ["github", github, "x-hub-signature-256"],
    ["slack", slack, "x-slack-signature"],
    ["stripe", stripe, "stripe-signature"],
  ] as const)("anywhere in the signature header of %s is refused", async (_, preset, name) => {
    const signed = await signWebhook(preset, { rawBody }, options);
    const value = signed.headers[name] as string;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      for (const bit of [1, 2, 4, 8, 16, 64]) {
        const flipped = value.slice(0, index) + String.fromCharCode(code ^ bit) + value.slice(index + 1);
        expect(await refusal(verifyWebhook(preset, withHeader(signed, name, flipped), options))).toMatch(
          /^WEBHOOK_/,
        );
      }
    }
  });

  test("in the signed time is refused", async () => {
    const signed = await signWebhook(slack, { rawBody }, options);
    const moved = withHeader(signed, "x-slack-request-timestamp", "1700000001");
    expect(await refusal(verifyWebhook(slack, moved, options))).toBe("WEBHOOK_SIGNATURE_MISMATCH");
  });
});

test("a body that was parsed and written again is told apart", async () => {
  const signed = await signWebhook(github, { rawBody }, options);
  const text = JSON.stringify(JSON.parse(new TextDecoder().decode(rawBody)));
  const rewritten = { ...signed, rawBody: new TextEncoder().encode(text) };
  expect(await refusal(verifyWebhook(github, rewritten, options))).toBe("WEBHOOK_SIGNATURE_MISMATCH");
});

describe("hostile times", () => {
  const times = ["", "NaN", "1e9", "0x6553f100", "+1700000000", " 1700000000", "1700000000 ", "-1", "1.7e9"];
  const huge = [
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1".repeat(400),
    "\u0661\u0667",
  ];

  test.each([...times, ...huge])("%j is no time", async (time) => {
    const signed = await signWebhook(slack, { rawBody }, options);
    expect(
      await refusal(verifyWebhook(slack, withHeader(signed, "x-slack-request-timestamp", time), options)),
    ).toBe(time === "" ? "WEBHOOK_MALFORMED_HEADER" : "WEBHOOK_TIMESTAMP_INVALID");
  });

  test("at the ends of what fifteen digits hold are judged without overflow", async () => {
    const signed = await signWebhook(slack, { rawBody }, options);
    const verify = (time: string): Promise<string> =>
      refusal(verifyWebhook(slack, withHeader(signed, "x-slack-request-timestamp", time), options));
    expect(await verify("999999999999999")).toBe("WEBHOOK_TIMESTAMP_TOO_NEW");
    expect(await verify("0")).toBe("WEBHOOK_TIMESTAMP_TOO_OLD");
    expect(await verify("000000000000000")).toBe("WEBHOOK_TIMESTAMP_TOO_OLD");
  });

  test("the window's ends are inside, in both directions", async () => {
    const signed = await signWebhook(stripe, { rawBody }, options);
    for (const [offset, code] of [
      [300_000, undefined],
      [-300_000, undefined],
      [300_001, "WEBHOOK_TIMESTAMP_TOO_OLD"],
      [-300_001, "WEBHOOK_TIMESTAMP_TOO_NEW"],
    ] as const) {
      const outcome = verifyWebhook(stripe, signed, { ...options, now: () => nowMs + offset });
      if (code === undefined) await outcome;
      else expect(await refusal(outcome)).toBe(code);
    }
  });

  test("a clock that gives NaN refuses", async () => {
    const signed = await signWebhook(stripe, { rawBody }, options);
    expect(await refusal(verifyWebhook(stripe, signed, { ...options, now: () => Number.NaN }))).toBe(
      "WEBHOOK_TIMESTAMP_TOO_NEW",
    );
  });

  test.each([
    "2023-02-30T00:00:00Z",
    "2023-11-14T24:00:00Z",
    "2023-11-14T22:13:60Z",
    "2023-11-14",
    "2023-11-14T22:13:20",
    "2023-11-14T22:13:20+24:00",
    "2023-11-14 22:13:20Z",
  ])("%s is no RFC 3339 time", async (time) => {
    const signed = await signWebhook(zendesk, { rawBody }, options);
    const name = "x-zendesk-webhook-signature-timestamp";
    expect(await refusal(verifyWebhook(zendesk, withHeader(signed, name, time), options))).toBe(
      "WEBHOOK_TIMESTAMP_INVALID",
    );
  });

  test("a time in the body counts only after the signature, and must be there", async () => {
    for (const [text, code] of [
      ['{"webhookTimestamp":1700000000000}', undefined],
      ['{"webhookTimestamp":1699999939999}', "WEBHOOK_TIMESTAMP_TOO_OLD"],
      ['{"webhookTimestamp":1700000060001}', "WEBHOOK_TIMESTAMP_TOO_NEW"],
      ['{"webhookTimestamp":1e400}', "WEBHOOK_TIMESTAMP_INVALID"],
      ['{"webhookTimestamp":1700000000000.5}', "WEBHOOK_TIMESTAMP_INVALID"],
      ["{}", "WEBHOOK_TIMESTAMP_INVALID"],
      ["null", "WEBHOOK_TIMESTAMP_INVALID"],
      ["not json", "WEBHOOK_TIMESTAMP_INVALID"],
      ['{"webhookTimestamp":1,"webhookTimestamp":1700000000000}', "WEBHOOK_TIMESTAMP_INVALID"],
    ] as const) {
      const signed = await signWebhook(linear, { rawBody: new TextEncoder().encode(text) }, options);
      const outcome = verifyWebhook(linear, signed, options);
      if (code === undefined) await outcome;
      else expect(await refusal(outcome), text).toBe(code);
    }
    const forged = { headers: { "linear-signature": "0".repeat(64) }, rawBody: new Uint8Array(1) };
    expect(await refusal(verifyWebhook(linear, forged, options))).toBe("WEBHOOK_SIGNATURE_MISMATCH");
  });
});

describe("too many of anything", () => {
  test("signatures are refused before they are checked", async () => {
    const list = (count: number): string =>
      Array.from({ length: count }, () => `v1=${"0".repeat(64)}`).join(",");
    const verify = (value: string): Promise<string> =>
      refusal(verifyWebhook(pagerduty, { rawBody, headers: { "x-pagerduty-signature": value } }, options));
    expect(await verify(list(16))).toBe("WEBHOOK_SIGNATURE_MISMATCH");
    expect(await verify(list(17))).toBe("WEBHOOK_MALFORMED_HEADER");
    const standard = {
      "webhook-id": "a",
      "webhook-timestamp": "1700000000",
      "webhook-signature": "v1,a ".repeat(17),
    };
    const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    expect(
      await refusal(verifyWebhook(standardWebhooks, { rawBody, headers: standard }, { secrets, now })),
    ).toBe("WEBHOOK_MALFORMED_HEADER");
  });

  test("items, members and parameters are bounded", async () => {
    const deep = new TextEncoder().encode("[".repeat(100_000));
    for (const preset of [adyenItem, mattermost] as WebhookPreset<any>[])
      expect(
        await refusal(
          verifyWebhook(
            preset,
            { rawBody: deep, headers: { "content-type": "application/json" } },
            { ...options, secrets: ["00ff"] },
          ),
        ),
      ).toBe("WEBHOOK_MALFORMED_BODY");
    const form = new TextEncoder().encode("a=1&".repeat(10_001));
    const headers = { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": "x" };
    expect(
      await refusal(verifyWebhook(twilio, { rawBody: form, headers, url: "https://example.com/" }, options)),
    ).toBe("WEBHOOK_MALFORMED_BODY");
  });

  test.each([
    ["one long value", (size: number) => [["stripe-signature", `t=1700000000,${"v1=a,".repeat(size / 5)}`]]],
    ["many fields in a long value", (size: number) => [["stripe-signature", ",".repeat(size)]]],
    [
      "many lines",
      (size: number) => Array.from({ length: size / 16 }, (_, index) => [`x-${index}`, "0123456789"]),
    ],
    [
      "the same line many times",
      (size: number) => Array.from({ length: size / 16 }, () => ["stripe-signature", "t=1700000000,v1=a"]),
    ],
  ])("a mebibyte of headers as %s costs linear time", (_, build) => {
    const prepared = stripe.prepare(options);
    const exponent = growthExponent(
      [1 << 18, 1 << 19, 1 << 20],
      (size) => build(size) as unknown as [string, string][],
      (headers) => {
        expect(() => prepared.check({ headers, rawBody }, nowMs)).toThrow(/header|signature/);
      },
    );
    expect(exponent).toBeLessThan(1.6);
  });
});

describe("confusion", () => {
  test("a Standard Webhooks signature never chooses how it is checked", async () => {
    const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
    const signed = await signWebhook(standardWebhooks, { rawBody, id: "msg_1" }, { secrets, now });
    const publicKeys = ["whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="];
    expect(await refusal(verifyWebhook(standardWebhooks, signed, { publicKeys, now }))).toBe(
      "WEBHOOK_UNSUPPORTED_VERSION",
    );
    // The public key as the secret of an HMAC: what a verifier that trusts the label would compute.
    const forged = await signWebhook(
      standardWebhooks,
      { rawBody, id: "msg_1" },
      { secrets: ["1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="], now },
    );
    expect(await refusal(verifyWebhook(standardWebhooks, forged, { publicKeys, now }))).toBe(
      "WEBHOOK_UNSUPPORTED_VERSION",
    );
  });

  test("public keys under which a forger can sign are refused at construction", () => {
    const zeros = "0".repeat(62);
    for (const key of [`01${zeros}`, `00${zeros}`, `ec${"f".repeat(60)}7f`, "", "zz", `01${zeros}00`])
      expect(() => discord.prepare({ publicKeys: [key] }), key).toThrow(/publicKeys\[0\]/);
    expect(() => discord.prepare({ publicKeys: [] })).toThrow(RangeError);
  });

  test("one of several DocuSign headers is enough, and garbage beside it does not matter", async () => {
    const signed = await signWebhook(docusign, { rawBody }, options);
    const value = signed.headers["x-docusign-signature-1"] as string;
    const headers = { "x-docusign-signature-1": "garbage", "x-docusign-signature-3": value };
    await verifyWebhook(docusign, { rawBody, headers }, options);
  });

  test("a Twilio body is always bound, whatever the content type says", async () => {
    const form = { rawBody: new TextEncoder().encode("a=1&b=2"), url: "https://example.com/hook" };
    const signed = await signWebhook(twilio, form, options);
    await verifyWebhook(twilio, signed, options);
    for (const contentType of ["application/json", "text/plain"])
      expect(
        await refusal(verifyWebhook(twilio, withHeader(signed, "content-type", contentType), options)),
      ).toBe("WEBHOOK_BODY_DIGEST_MISMATCH");
    expect(await refusal(verifyWebhook(twilio, { ...signed, rawBody: new Uint8Array(0) }, options))).toBe(
      "WEBHOOK_SIGNATURE_MISMATCH",
    );
    expect(await refusal(verifyWebhook(twilio, { ...signed, url: "not a url" }, options))).toBe(
      "WEBHOOK_MISSING_CONTEXT",
    );
    const json = await signWebhook(twilio, { ...form, contentType: "application/json" }, options);
    await verifyWebhook(twilio, json, options);
    expect(await refusal(verifyWebhook(twilio, { ...json, rawBody: new Uint8Array(1) }, options))).toBe(
      "WEBHOOK_BODY_DIGEST_MISMATCH",
    );
  });

  test("every Adyen item must be signed, all by one key", async () => {
    const item = (reference: string): object => ({
      NotificationRequestItem: { pspReference: reference, amount: { value: 1000, currency: "EUR" } },
    });
    const body = (...items: object[]): Uint8Array =>
      new TextEncoder().encode(JSON.stringify({ notificationItems: items }));
    const keys = { secrets: ["00112233"], now };
    const signed = await signWebhook(adyenItem, { rawBody: body(item("a"), item("b")) }, keys);
    const event = await verifyWebhook(adyenItem, signed, keys);
    expect(event.claims).toMatchObject({
      items: [{ pspReference: "a", value: "1000" }, { pspReference: "b" }],
    });
    const { notificationItems } = JSON.parse(new TextDecoder().decode(signed.rawBody)) as {
      notificationItems: object[];
    };
    const smuggled = { headers: {}, rawBody: body(...notificationItems, item("c")) };
    expect(await refusal(verifyWebhook(adyenItem, smuggled, keys))).toBe("WEBHOOK_MALFORMED_BODY");
    expect(await refusal(verifyWebhook(adyenItem, { headers: {}, rawBody: body() }, keys))).toBe(
      "WEBHOOK_MALFORMED_BODY",
    );
  });
});
