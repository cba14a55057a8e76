import { runInNewContext } from "node:vm";
import {
  createWebhookVerifier,
  hmacPreset,
  inspectWebhook,
  MemoryReplayStore,
  signWebhook,
  verifyWebhook,
  WebhookError,
} from "@symbiont/webhook-verify";
import { gitea } from "@symbiont/webhook-verify/presets/gitea";
import { github } from "@symbiont/webhook-verify/presets/github";
import { mailgun } from "@symbiont/webhook-verify/presets/mailgun";
import { mattermost } from "@symbiont/webhook-verify/presets/mattermost";
import { standardWebhooks } from "@symbiont/webhook-verify/presets/standard-webhooks";
import { stripe } from "@symbiont/webhook-verify/presets/stripe";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";

const nowMs = 1_700_000_000_000;
const now = (): number => nowMs;
const rawBody = new TextEncoder().encode('{"event":"ping","n":1}');
const options = { secrets: ["a-shared-secret-value"], now };

describe("a verified event", () => {
  test("tells what was proven and reads the body", async () => {
    const signed = await signWebhook(stripe, { rawBody }, options);
    const event = await verifyWebhook(stripe, signed, {
      ...options,
      secrets: [{ value: "other" }, { value: "a-shared-secret-value", id: "2026-02" }],
    });
    expect(event.toJSON()).toEqual({
      preset: "stripe",
      keyIndex: 1,
      keyId: "2026-02",
      timestampMs: nowMs,
      id: undefined,
      bodyBound: true,
      legacy: false,
      replayed: false,
    });
    expect(event.json()).toEqual({ event: "ping", n: 1 });
    expect(event.rawBody).toBe(rawBody);
    expect(JSON.stringify(event)).not.toContain("ping");
  });

  test("refuses a body that cannot be read safely only when it is read", async () => {
    for (const text of ['{"a":1,"a":2}', '{"__proto__":1}', "{", "\ufeff{}"]) {
      const body = new TextEncoder().encode(text);
      const event = await verifyWebhook(
        github,
        await signWebhook(github, { rawBody: body }, options),
        options,
      );
      expect(() => event.json()).toThrow(expect.objectContaining({ code: "WEBHOOK_MALFORMED_BODY" }));
    }
  });

  test("carries the signed id, and never an unsigned one", async () => {
    const signed = await signWebhook(
      standardWebhooks,
      { rawBody, id: "msg_1" },
      { secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], now },
    );
    const { id } = await verifyWebhook(standardWebhooks, signed, {
      secrets: ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      now,
    });
    expect(id).toBe("msg_1");
    const hub = await signWebhook(github, { rawBody }, options);
    const headers = { ...hub.headers, "x-github-delivery": "anything" };
    expect((await verifyWebhook(github, { rawBody, headers }, options)).id).toBeUndefined();
  });
});

describe("headers", () => {
  const forms = (headers: Readonly<Record<string, string>>): readonly [string, any][] => {
    const upper = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value] as const);
    return [
      ["a record", headers],
      ["a record with lists", Object.fromEntries(upper.map(([name, value]) => [name, [value]]))],
      ["pairs", upper],
      ["a flat list", upper.flat()],
      ["a Map", new Map(upper)],
      ["Headers", new Headers(headers)],
    ];
  };

  test("are read from every form", async () => {
    const { headers } = await signWebhook(stripe, { rawBody }, options);
    for (const [form, value] of forms(headers)) {
      const { keyIndex } = await verifyWebhook(stripe, { rawBody, headers: value }, options);
      expect(keyIndex, form).toBe(0);
    }
  });

  test("that stand there twice must agree", async () => {
    const { headers } = await signWebhook(github, { rawBody }, options);
    const value = headers["x-hub-signature-256"] as string;
    const verify = (lines: any): Promise<unknown> =>
      verifyWebhook(github, { rawBody, headers: lines }, options);
    await verify({ "x-hub-signature-256": [value, value] });
    const other = `sha256=${"0".repeat(64)}`;
    expect(await refusal(verify({ "x-hub-signature-256": [value, other] }))).toBe("WEBHOOK_DUPLICATE_HEADER");
    expect(await refusal(verify({ "x-hub-signature-256": value, "X-Hub-Signature-256": other }))).toBe(
      "WEBHOOK_DUPLICATE_HEADER",
    );
    expect(await refusal(verify(["X-Hub-Signature-256", other, "x-hub-signature-256", value]))).toBe(
      "WEBHOOK_DUPLICATE_HEADER",
    );
  });

  test("inherited by a record are not read", async () => {
    const { headers } = await signWebhook(github, { rawBody }, options);
    expect(
      await refusal(
        verifyWebhook(github, { rawBody, headers: Object.create(headers) as typeof headers }, options),
      ),
    ).toBe("WEBHOOK_MISSING_HEADER");
  });

  test("with surrounding space, an absent prefix or an empty value are malformed", async () => {
    const { headers } = await signWebhook(github, { rawBody }, options);
    const value = headers["x-hub-signature-256"] as string;
    for (const text of [` ${value}`, value.slice(7), "", "sha256"])
      expect(
        await refusal(verifyWebhook(github, { rawBody, headers: { "x-hub-signature-256": text } }, options)),
      ).toBe("WEBHOOK_MALFORMED_HEADER");
    for (const text of [`${value} `, `${value}0`, `${value.slice(0, -1)}g`, "sha256="])
      expect(
        await refusal(verifyWebhook(github, { rawBody, headers: { "x-hub-signature-256": text } }, options)),
      ).toBe("WEBHOOK_BAD_ENCODING");
  });
});

describe("secrets", () => {
  test("that are no secrets are refused when the verifier is built", () => {
    for (const secrets of [
      [],
      [""],
      ["  "],
      ["a\0b"],
      ["abc\n"],
      ["\nabc"],
      ["vault://kv/webhook"],
      ["file:///run/secret"],
      [new Uint8Array(0)],
      [{ value: "" }],
      [{ value: 1 }],
      [{ value: "a", notAfterMs: Number.NaN }],
      [undefined],
      Array.from({ length: 9 }, () => "a"),
      "a-shared-secret-value",
    ] as any[]) {
      expect(() => createWebhookVerifier(github, { secrets }), JSON.stringify(secrets)).toThrow(/secrets/);
    }
    expect(() => createWebhookVerifier(standardWebhooks, { secrets: ["whsec_!"] })).toThrow(
      /secrets\[0\] must be whsec/,
    );
    expect(() => createWebhookVerifier(standardWebhooks, {})).toThrow(RangeError);
  });

  test("count until their end", async () => {
    const signed = await signWebhook(github, { rawBody }, options);
    const dated = (notAfterMs: number): any => ({
      secrets: [{ value: "a-shared-secret-value", notAfterMs }],
      now,
    });
    await verifyWebhook(github, signed, dated(nowMs));
    expect(await refusal(verifyWebhook(github, signed, dated(nowMs - 1)))).toBe("WEBHOOK_SIGNATURE_MISMATCH");
    expect(
      await refusal(
        verifyWebhook(mattermost, await signWebhook(mattermost, { rawBody }, options), dated(nowMs - 1)),
      ),
    ).toBe("WEBHOOK_SIGNATURE_MISMATCH");
  });

  test("given as bytes are copied", async () => {
    const bytes = new TextEncoder().encode("a-shared-secret-value");
    const verifier = createWebhookVerifier(github, { secrets: [bytes], now });
    bytes.fill(0);
    await verifier.verify(await signWebhook(github, { rawBody }, options));
  });
});

describe("options", () => {
  test("that are wrong are refused by name", () => {
    const build = (extra: object): unknown => createWebhookVerifier(stripe, { ...options, ...extra });
    expect(() => build({ toleranceMs: -1 })).toThrow(/toleranceMs/);
    expect(() => build({ toleranceMs: 3_600_001 })).toThrow(/toleranceMs/);
    expect(() => build({ toleranceMs: Number.POSITIVE_INFINITY })).toThrow(/toleranceMs/);
    expect(() => build({ maxBodyBytes: 0 })).toThrow(/maxBodyBytes/);
    expect(() => build({ now: 1 })).toThrow(/now/);
    expect(() => build({ replay: {} })).toThrow(/replay/);
    expect(() => build({ replay: { store: new MemoryReplayStore(), ttlMs: 0 } })).toThrow(/ttlMs/);
    expect(() => build({ replay: { store: new MemoryReplayStore(), onReplay: "ignore" } })).toThrow(
      /onReplay/,
    );
    expect(() => createWebhookVerifier(mailgun, options)).toThrow(/replay is required/);
  });

  test("a body that a parser has touched is a mistake of the caller", async () => {
    for (const body of ["{}", { event: "ping" }, undefined] as any[])
      await expect(verifyWebhook(github, { headers: [], rawBody: body }, options)).rejects.toThrow(TypeError);
  });

  test("the body's size is limited before it is hashed", async () => {
    const signed = await signWebhook(github, { rawBody }, options);
    await verifyWebhook(github, signed, { ...options, maxBodyBytes: rawBody.length });
    const error = await verifyWebhook(github, signed, { ...options, maxBodyBytes: rawBody.length - 1 }).catch(
      (error: unknown) => error,
    );
    expect(error).toMatchObject({ code: "WEBHOOK_BODY_TOO_LARGE", httpStatus: 413 });
    expect(github.maxBodyBytes).toBe(26_214_400);
    expect(gitea.maxBodyBytes).toBe(1 << 20);
  });
});

describe("a house scheme", () => {
  const base = { name: "house", documentation: "https://example.com/hooks", encoding: "hex" } as const;
  const headers = { form: "headers", headers: ["x-house"] } as const;

  test("is described and works", async () => {
    const house = hmacPreset({
      ...base,
      algorithm: "sha512",
      signature: { form: "fields", header: "x-house", separator: "&", timestamp: "at", label: "mac" },
      timestamp: { unit: "ms" },
      idHeader: "x-house-id",
      signed: "{method} {url}\n{id}\n{timestamp}\n{body}",
    });
    const draft = { rawBody, id: "d-1", url: "https://example.com/hook", method: "PUT" };
    const signed = await signWebhook(house, draft, options);
    expect((await verifyWebhook(house, signed, options)).id).toBe("d-1");
    for (const change of [{ url: "https://example.com/other" }, { method: "POST" }])
      expect(await refusal(verifyWebhook(house, { ...signed, ...change }, options))).toBe(
        "WEBHOOK_SIGNATURE_MISMATCH",
      );
    const { url: _, ...withoutUrl } = signed;
    const error = await verifyWebhook(house, withoutUrl, options).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "WEBHOOK_MISSING_CONTEXT", httpStatus: 500 });
  });

  test("that contradicts itself is refused", () => {
    const timestamp = { unit: "s", header: "x-at" } as const;
    expect(() => hmacPreset({ ...base, signature: headers, timestamp })).toThrow(
      /signed must hold \{timestamp\}/,
    );
    expect(() => hmacPreset({ ...base, signature: headers, signed: "{timestamp}{body}" })).toThrow(/signed/);
    expect(() => hmacPreset({ ...base, signature: headers, signed: "{id}{body}" })).toThrow(/idHeader/);
    expect(() => hmacPreset({ ...base, signature: headers, signed: "no body" })).toThrow(/\{body\}/);
    expect(() => hmacPreset({ ...base, signature: headers, signed: "{body}{body}" })).toThrow(/once/);
    expect(() => hmacPreset({ ...base, signature: headers, signed: "{body}{secret}" })).toThrow(
      /known tokens/,
    );
    expect(() => hmacPreset({ ...base, signature: headers, signed: "{body" })).toThrow(/known tokens/);
    expect(() => hmacPreset({ ...base, name: "A house", signature: headers })).toThrow(/name/);
    expect(() => hmacPreset({ ...base, signature: { form: "headers", headers: [] } })).toThrow(/signature/);
  });
});

describe("inspectWebhook", () => {
  test("reports instead of throwing, and spends no replay", async () => {
    const signed = await signWebhook(stripe, { rawBody, contentType: "application/json" }, options);
    const replay = new MemoryReplayStore({ now });
    const later = { ...options, now: () => nowMs + 1000, replay };
    expect(await inspectWebhook(stripe, signed, later)).toEqual({
      preset: "stripe",
      outcome: "genuine",
      bodyBytes: rawBody.length,
      contentType: "application/json",
      keyIndex: 0,
      timestampMs: nowMs,
      ageMs: 1000,
    });
    expect(replay.size).toBe(0);
    const refused = await inspectWebhook(stripe, { ...signed, rawBody: new Uint8Array(1) }, options);
    expect(refused).toMatchObject({ outcome: "refused", code: "WEBHOOK_SIGNATURE_MISMATCH" });
    expect(refused).not.toHaveProperty("keyIndex");
  });

  test("throws for a wrong option", async () => {
    await expect(inspectWebhook(stripe, { headers: [], rawBody }, { secrets: [""] })).rejects.toThrow(
      RangeError,
    );
  });
});

test("a large body is not copied", async () => {
  const large = { rawBody: new Uint8Array(16 << 20) };
  for (const preset of [github, stripe]) {
    const signed = await signWebhook(preset, large, options);
    const verifier = createWebhookVerifier(preset, { ...options, maxBodyBytes: 16 << 20 });
    const before = process.memoryUsage();
    await verifier.verify(signed);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1 << 20);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(4 << 20);
  }
});

test("a preset that fails in an unforeseen way refuses, without its reason", async () => {
  const check = (): never => {
    throw new Error("a-shared-secret-value");
  };
  const broken = { ...github, prepare: () => ({ check }) };
  const error = await verifyWebhook(broken, { headers: [], rawBody }, {}).catch((error: unknown) => error);
  expect(WebhookError.is(error) && error.code).toBe("WEBHOOK_CHECK_FAILED");
  expect((error as Error).cause).toBeUndefined();
});

describe("verifySync", () => {
  test("accepts and refuses as verify does", async () => {
    const verifier = createWebhookVerifier(stripe, options);
    const signed = await signWebhook(stripe, { rawBody }, options);
    expect(verifier.verifySync(signed).toJSON()).toEqual((await verifier.verify(signed)).toJSON());
    for (const request of [
      { ...signed, headers: {} },
      { ...signed, rawBody: new Uint8Array([1]) },
      { ...signed, rawBody: "text" as never },
    ]) {
      const outcome = await verifier.verify(request).catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(Error);
      expect(() => verifier.verifySync(request)).toThrow(outcome);
    }
  });

  test("refuses what has to wait, and leaves the replay store alone", async () => {
    const store = { putIfAbsent: (): never => expect.unreachable() };
    const signed = await signWebhook(github, { rawBody }, options);
    const replaying = createWebhookVerifier(github, { ...options, replay: store });
    expect(() => replaying.verifySync(signed)).toThrow(TypeError);
    const fetching = { ...github, prepare: () => ({ check: () => Promise.reject(new Error("late")) }) };
    expect(() => createWebhookVerifier(fetching, {}).verifySync(signed)).toThrow(/has to wait/);
  });
});

describe("a preset that is not right", () => {
  test.each<[string, () => unknown]>([
    ["nothing", () => undefined],
    ["true", () => true],
    ["no key", () => ({})],
    ["a key that was not found", () => ({ keyIndex: -1, identity: () => "" })],
    ["a promise of another realm", () => runInNewContext("Promise.reject(new Error())")],
    ["a promise of nothing", () => Promise.resolve()],
  ])("proves nothing with %s", async (_, prove) => {
    const broken = { ...github, prepare: () => ({ check: () => prove() as never }) };
    const verifier = createWebhookVerifier(broken, {});
    const request = { headers: {}, rawBody };
    expect(await refusal(verifier.verify(request))).toBe("WEBHOOK_CHECK_FAILED");
    expect(() => verifier.verifySync(request)).toThrow();
  });
});
