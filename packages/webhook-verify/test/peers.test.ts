// The real packages as signers against our verifier, and as verifiers against our signatures.
import { sign as octokitSign, verify as octokitVerify } from "@octokit/webhooks-methods";
import { signWebhook, verifyWebhook, type WebhookPreset } from "@symbiont/webhook-verify";
import { github } from "@symbiont/webhook-verify/presets/github";
import { standardWebhooks } from "@symbiont/webhook-verify/presets/standard-webhooks";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import { svix } from "@symbiont/webhook-verify/presets/svix";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Stripe } from "stripe";
import { Webhook as SvixWebhook } from "svix";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";

const text = '{"id":"evt_1","object":"event","text":"h\u00e9llo \u{1f980}"}';
const rawBody = new TextEncoder().encode(text);
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const options = { secrets: [secret] };

async function accepted(preset: WebhookPreset<any>, headers: Record<string, string>): Promise<void> {
  await verifyWebhook(preset, { rawBody, headers }, options);
  const tampered = Uint8Array.of(...rawBody, 0x20);
  expect(await refusal(verifyWebhook(preset, { rawBody: tampered, headers }, options))).toBe(
    "WEBHOOK_SIGNATURE_MISMATCH",
  );
}

describe("stripe", () => {
  test("signs for us", async () => {
    const header = Stripe.webhooks.generateTestHeaderString({ payload: text, secret });
    await accepted(stripe, { "stripe-signature": header });
  });

  test("takes our signature", async () => {
    const { headers } = await signWebhook(stripe, { rawBody }, options);
    const event = Stripe.webhooks.constructEvent(text, headers["stripe-signature"] as string, secret);
    expect(event.id).toBe("evt_1");
  });

  test("is stricter here: a time from the future, and a second t", async () => {
    const future = Math.floor(Date.now() / 1000) + 3600;
    const header = Stripe.webhooks.generateTestHeaderString({ payload: text, secret, timestamp: future });
    Stripe.webhooks.constructEvent(text, header, secret);
    const verify = (value: string): Promise<unknown> =>
      verifyWebhook(stripe, { rawBody, headers: { "stripe-signature": value } }, options);
    expect(await refusal(verify(header))).toBe("WEBHOOK_TIMESTAMP_TOO_NEW");
    expect(
      await refusal(verify(`t=1,${Stripe.webhooks.generateTestHeaderString({ payload: text, secret })}`)),
    ).toBe("WEBHOOK_MALFORMED_HEADER");
  });
});

describe("@octokit/webhooks-methods", () => {
  test("signs for us", async () => {
    await accepted(github, { "x-hub-signature-256": await octokitSign(secret, text) });
  });

  test("takes our signature", async () => {
    const { headers } = await signWebhook(github, { rawBody }, options);
    expect(await octokitVerify(secret, text, headers["x-hub-signature-256"] as string)).toBe(true);
  });
});

describe.each([
  ["standardwebhooks", standardWebhooks, "webhook", new StandardWebhook(secret)],
  ["svix", svix, "svix", new SvixWebhook(secret)],
] as const)("%s", (_, preset, prefix, peer) => {
  test("signs for us", async () => {
    const time = new Date();
    await accepted(preset, {
      [`${prefix}-id`]: "msg_1",
      [`${prefix}-timestamp`]: String(Math.floor(time.getTime() / 1000)),
      [`${prefix}-signature`]: peer.sign("msg_1", time, text),
    });
  });

  test("takes our signature", async () => {
    const { headers } = await signWebhook(preset, { rawBody, id: "msg_1" }, options);
    expect(peer.verify(text, headers)).toEqual(JSON.parse(text));
  });
});
