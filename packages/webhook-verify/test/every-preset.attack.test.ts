// The same hostile deliveries for every preset, made from a genuine one of its vectors, or from one signed anew.
import { readFileSync } from "node:fs";
import {
  createWebhookVerifier,
  signWebhook,
  verifyWebhook,
  type WebhookEvent,
  type WebhookPreset,
  type WebhookRequest,
} from "@symbiont/webhook-verify";
import { beforeAll, describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";
import { loadPreset, optionsOf, presetNames, requestOf, type Vector } from "./vector-options.ts";

type Header = readonly [name: string, value: string];
type Genuine = Omit<WebhookRequest, "headers"> & { readonly headers: readonly Header[] };

const YEAR_MS = 31_557_600_000;
const MEBIBYTE = 1 << 20;
/** Several lines, or several headers, may hold a signature each, and one that fits is enough. */
const SEVERAL_SIGNATURES = new Set(["mollie", "docusign", "box"]);

/** Presets whose check waits on every runtime; the README lists them. */
const WAITING = new Set(["adyen-item", "aws-sns", "mailgun", "mandrill", "paypal", "twilio"]);

describe.each(presetNames)("%s", (name) => {
  let preset: WebhookPreset<any>;
  let vector: Vector;
  let genuine: Genuine;
  /** Headers without which the delivery is refused. */
  let needed: readonly Header[];

  const verify = (request: WebhookRequest, nowMs: number = vector.now * 1000): Promise<WebhookEvent> =>
    verifyWebhook(preset, request, { ...optionsOf(vector), now: () => nowMs });
  const without = (name: string): readonly Header[] => genuine.headers.filter(([key]) => key !== name);
  const withValue = (name: string, value: string): WebhookRequest => ({
    ...genuine,
    headers: [...without(name), [name, value]],
  });

  beforeAll(async () => {
    preset = await loadPreset(name);
    const file = new URL(`../src/presets/${name}/vectors.json`, import.meta.url);
    const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly Vector[] };
    vector = vectors.find(({ expect }) => expect.ok) as Vector;
    genuine = await freshlySigned(preset, vector);
    await verify(genuine);
    const found: Header[] = [];
    for (const header of genuine.headers) {
      const outcome = verify({ ...genuine, headers: without(header[0]) });
      if (
        await outcome.then(
          () => false,
          () => true,
        )
      )
        found.push(header);
    }
    needed = found;
  });

  test("refuses a flipped bit anywhere in its headers", async () => {
    for (const [key, value] of needed) {
      for (let at = 0; at < value.length; at += 1) {
        const flipped =
          value.slice(0, at) + String.fromCharCode(value.charCodeAt(at) ^ 1) + value.slice(at + 1);
        expect(await refusal(verify(withValue(key, flipped))), `${key}: ${flipped}`).toMatch(/^WEBHOOK_/);
      }
    }
  });

  test("refuses a header that stands there twice with different values, and takes it with the same", async () => {
    for (const [key, value] of needed) {
      await verify({ ...genuine, headers: [...genuine.headers, [key, value]] });
      const other: Header = [key, `${value.slice(0, -1)}${value.endsWith("0") ? "1" : "0"}`];
      if (!SEVERAL_SIGNATURES.has(name))
        for (const headers of [
          [...genuine.headers, other],
          [other, ...genuine.headers],
        ])
          expect(await refusal(verify({ ...genuine, headers })), key).toBe("WEBHOOK_DUPLICATE_HEADER");
    }
  });

  test("refuses numbers in its headers that are none, or too many digits", async () => {
    for (const [key, value] of needed) {
      for (const number of ["NaN", "-1", "1e9", "9".repeat(400), "9223372036854775808", ""]) {
        const changed = value.replace(/\d{10,}/, number);
        if (changed !== value)
          expect(await refusal(verify(withValue(key, changed))), changed).toMatch(/^WEBHOOK_/);
      }
    }
  });

  test("refuses a mebibyte of garbage in a header before it looks into it", async () => {
    for (const [key, value] of needed)
      for (const unit of ["x", ",", "v1=,", " ", value])
        expect(await refusal(verify(withValue(key, unit.repeat(Math.ceil(MEBIBYTE / unit.length)))))).toBe(
          "WEBHOOK_MALFORMED_HEADER",
        );
  });

  test("refuses a signed time that is a year off", async () => {
    const { timestampMs } = await verify(genuine);
    if (timestampMs === undefined) return;
    expect(await refusal(verify(genuine, timestampMs + YEAR_MS))).toBe("WEBHOOK_TIMESTAMP_TOO_OLD");
    expect(await refusal(verify(genuine, timestampMs - YEAR_MS))).toBe("WEBHOOK_TIMESTAMP_TOO_NEW");
  });
});

test.each(presetNames)("%s: verifySync does as verify, or says that it would have to wait", async (name) => {
  const preset = await loadPreset(name);
  const file = new URL(`../src/presets/${name}/vectors.json`, import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly Vector[] };
  const vector = vectors.find(({ expect }) => expect.ok) as Vector;
  const { replay, ...options } = optionsOf(vector);
  const verifier = createWebhookVerifier(preset, preset.needsReplayStore ? { ...options, replay } : options);
  const request = requestOf(vector);
  if (WAITING.has(name)) expect(() => verifier.verifySync(request)).toThrow(TypeError);
  else expect(verifier.verifySync(request).toJSON()).toEqual((await verifier.verify(request)).toJSON());
});

/** A delivery with one signature, where the preset can make one: the vector's own may hold several. */
async function freshlySigned(preset: WebhookPreset<any>, vector: Vector): Promise<Genuine> {
  const request = requestOf(vector) as Genuine;
  const options = optionsOf(vector);
  if (preset.prepare(options).sign === undefined) return request;
  const [secret] = options["secrets"] as readonly unknown[];
  const contentType = request.headers.find(([key]) => key.toLowerCase() === "content-type")?.[1];
  const draft = { ...request, id: "msg_1", ...(contentType === undefined ? {} : { contentType }) };
  const signed = await signWebhook(preset, draft, { ...options, secrets: [secret] });
  return { ...signed, headers: Object.entries(signed.headers) };
}
