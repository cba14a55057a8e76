import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { verify as octokitVerify } from "@octokit/webhooks-methods";
import { createWebhookVerifier, signWebhook, type WebhookPreset } from "@symbiont/webhook-verify";
import { github } from "@symbiont/webhook-verify/presets/github";
import { standardWebhooks } from "@symbiont/webhook-verify/presets/standard-webhooks";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import { Webhook } from "standardwebhooks";
import { Stripe } from "stripe";
import type { Bench } from "../../../scripts/bench/bench.ts";

const secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const nowMs = 1_700_000_000_000;
const now = (): number => nowMs;
const FLOOR = "createHmac(KeyObject) + hex or base64 decoding + timingSafeEqual";

/** What servers send beside the signature. */
const commonHeaders = {
  host: "example.com",
  "user-agent": "sender/1",
  accept: "*/*",
  "content-type": "application/json",
  "content-length": "2048",
  "accept-encoding": "gzip",
};

/** A JSON text of exactly this size, so that peers that insist on text can take part. */
function body(size: number): Uint8Array {
  return new Uint8Array(
    Buffer.from(
      JSON.stringify({
        data: randomBytes(size)
          .toString("base64")
          .slice(0, size - 11),
      }),
    ),
  );
}

async function subject(
  preset: WebhookPreset<any>,
  rawBody: Uint8Array,
): Promise<{
  headers: Readonly<Record<string, string>>;
  ours: () => unknown;
  oursSync: () => unknown;
}> {
  const options = { secrets: [secret], now, toleranceMs: 300_000 };
  const signed = await signWebhook(preset, { rawBody, id: "msg_1" }, options);
  const verifier = createWebhookVerifier(preset, options);
  const headers = { ...commonHeaders, ...signed.headers };
  return {
    headers: signed.headers,
    ours: () => verifier.verify({ headers, rawBody }),
    oursSync: () => verifier.verifySync({ headers, rawBody }),
  };
}

function floor(
  key: Uint8Array,
  rawBody: Uint8Array,
  text: string,
  encoding: "hex" | "base64",
  before: string,
) {
  const object = createSecretKey(key);
  return (): boolean => {
    const hmac = createHmac("sha256", object);
    if (before !== "") hmac.update(before);
    if (!timingSafeEqual(hmac.update(rawBody).digest(), Buffer.from(text, encoding)))
      throw new Error("mismatch");
    return true;
  };
}

export async function benches(): Promise<readonly Bench[]> {
  const all: (Bench & { readonly oursSync?: () => unknown })[] = [];
  const utf8 = Buffer.from(secret);
  for (const [label, size, ratio] of [
    ["2 KiB", 2048, 1.1],
    ["64 KiB", 65_536, 1.03],
  ] as const) {
    const rawBody = body(size);
    const text = Buffer.from(rawBody).toString();

    const hub = await subject(github, rawBody);
    const hubText = hub.headers["x-hub-signature-256"] as string;
    all.push({
      name: `github, ${label}`,
      ours: hub.ours,
      ...(size < 4096 ? { oursSync: hub.oursSync } : {}),
      floor: floor(utf8, rawBody, hubText.slice(7), "hex", ""),
      floorName: FLOOR,
      peer: () => octokitVerify(secret, text, hubText),
      peerName: "@octokit/webhooks-methods 6",
      maxFloorRatio: ratio,
    });

    const payment = await subject(stripe, rawBody);
    const paymentText = payment.headers["stripe-signature"] as string;
    all.push({
      name: `stripe, ${label}`,
      ours: payment.ours,
      ...(size < 4096 ? { oursSync: payment.oursSync } : {}),
      floor: floor(utf8, rawBody, paymentText.split("v1=")[1] as string, "hex", "1700000000."),
      floorName: `${FLOOR}, time and body in two updates`,
      peer: () => Stripe.webhooks.signature?.verifyHeader(text, paymentText, secret, 1e9),
      peerName: "stripe 23, verifyHeader",
      maxFloorRatio: ratio,
    });

    const standard = await subject(standardWebhooks, rawBody);
    const standardText = standard.headers["webhook-signature"] as string;
    const webhook = new Webhook(secret);
    const sentAt = new Date();
    const peerHeaders = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
      "webhook-signature": webhook.sign("msg_1", sentAt, text),
    };
    all.push({
      name: `standard-webhooks, ${label}`,
      ours: standard.ours,
      ...(size < 4096 ? { oursSync: standard.oursSync } : {}),
      floor: floor(
        Buffer.from(secret, "base64"),
        rawBody,
        standardText.slice(3),
        "base64",
        "msg_1.1700000000.",
      ),
      floorName: `${FLOOR}, prefix and body in two updates`,
      peer: () => webhook.verify(text, peerHeaders),
      peerName: "standardwebhooks 1",
      maxFloorRatio: ratio,
      minPeerRatio: 6,
    });
  }
  return all.flatMap(withSync);
}

/** The small bodies again without a promise, which is what the difference to the floor is mostly made of. */
function withSync({ oursSync, ...bench }: Bench & { readonly oursSync?: () => unknown }): Bench[] {
  if (oursSync === undefined) return [bench];
  return [bench, { ...bench, name: `${bench.name}, verifySync`, ours: oursSync }];
}
