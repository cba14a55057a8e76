import { sign as bareSign, createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { generateKeyPair, sign } from "@symbiont/keys";
import { verifyWebhook } from "@symbiont/webhook-verify";
import { awsSns } from "@symbiont/webhook-verify/presets/aws-sns";
import { jwt } from "@symbiont/webhook-verify/presets/jwt";
import { paypal } from "@symbiont/webhook-verify/presets/paypal";
import {
  createRemoteCertificates,
  createRemoteJwks,
  type FetchDocument,
} from "@symbiont/webhook-verify/remote";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";

/** Within the validity of the certificate fixture. */
const startMs = 1_900_000_000_000;
const minute = 60_000;
const encoder = new TextEncoder();

/** A server that counts, and whose next answers are set. */
function server(answer: () => { status?: number; body: string; cacheControl?: string }): {
  fetch: FetchDocument;
  count: () => number;
} {
  let count = 0;
  return {
    count: () => count,
    fetch: async () => {
      count += 1;
      const { status = 200, body, cacheControl } = answer();
      const headers = new Map(cacheControl === undefined ? [] : [["cache-control", cacheControl] as const]);
      return { status, headers, body: encoder.encode(body) };
    },
  };
}

describe("a remote JWK set", () => {
  const one = { kty: "oct", kid: "one" };
  const two = { kty: "oct", kid: "two" };

  test("is kept as long as it says, within ten minutes and a day", async () => {
    for (const [cacheControl, lifetime] of [
      [undefined, 10 * minute],
      ["max-age=1", 10 * minute],
      ["public, max-age=3600", 60 * minute],
      ["max-age=9999999999", 1440 * minute],
    ] as const) {
      let nowMs = startMs;
      const { fetch, count } = server(() => ({
        body: JSON.stringify({ keys: [one] }),
        ...(cacheControl === undefined ? {} : { cacheControl }),
      }));
      const source = createRemoteJwks({ url: "https://example.com/jwks", fetch, now: () => nowMs });
      const first = await source.jwks("one");
      nowMs += lifetime - 1;
      expect(await source.jwks("one")).toBe(first);
      expect(count()).toBe(1);
      nowMs += 1;
      await source.jwks("one");
      expect(count()).toBe(2);
    }
  });

  test("is fetched again for an unknown key id, at most once a minute, and once for many at a time", async () => {
    let nowMs = startMs;
    let keys = [one];
    const { fetch, count } = server(() => ({ body: JSON.stringify({ keys }) }));
    const source = createRemoteJwks({ url: "https://example.com/jwks", fetch, now: () => nowMs });
    await Promise.all(Array.from({ length: 10 }, () => source.jwks("one")));
    expect(count()).toBe(1);
    keys = [one, two];
    expect((await source.jwks("two")).keys).toHaveLength(1);
    nowMs += minute;
    expect((await source.jwks("two")).keys).toHaveLength(2);
    for (let index = 0; index < 100; index += 1) await source.jwks(`guess-${index}`);
    expect(count()).toBe(2);
  });

  test("serves a day after its last fetch when the server fails, and no longer", async () => {
    let nowMs = startMs;
    let isUp = true;
    const { fetch } = server(() =>
      isUp ? { body: JSON.stringify({ keys: [one] }) } : { status: 500, body: "" },
    );
    const source = createRemoteJwks({ url: "https://example.com/jwks", fetch, now: () => nowMs });
    await source.jwks("one");
    isUp = false;
    nowMs += 1440 * minute - 1;
    expect((await source.jwks("one")).keys).toHaveLength(1);
    nowMs += 1;
    await expect(source.jwks("one")).rejects.toThrow("status 500");
    isUp = true;
    nowMs += minute;
    await source.jwks("one");
  });

  test.each(["", "[]", "{}", '{"keys":{}}', '{"keys":[],"keys":[]}', `{"keys":[${"{},".repeat(100)}{}]}`])(
    "that reads %j is refused",
    async (body) => {
      const { fetch } = server(() => ({ body }));
      await expect(createRemoteJwks({ url: "https://example.com/jwks", fetch }).jwks("one")).rejects.toThrow(
        Error,
      );
    },
  );

  test("is asked only for tokens of the right form, algorithm and issuer", async () => {
    const { privateKey, publicKey } = generateKeyPair("Ed25519");
    const { fetch, count } = server(() => ({
      body: JSON.stringify({ keys: [{ ...publicKey.toJwk(), kid: "k" }] }),
    }));
    const keys = createRemoteJwks({ url: "https://example.com/jwks", fetch, now: () => startMs });
    const options = {
      algorithms: ["EdDSA"],
      keys,
      issuer: "us",
      audience: false,
      now: () => startMs,
    } as const;
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const run = (header: object, payload: object): Promise<unknown> => {
      const input = `${part(header)}.${part(payload)}`;
      const text = `${input}.${Buffer.from(sign(privateKey, input)).toString("base64url")}`;
      return verifyWebhook(
        jwt,
        { headers: { authorization: `Bearer ${text}` }, rawBody: new Uint8Array(0) },
        options,
      );
    };
    const exp = startMs / 1000 + 60;
    expect(await refusal(run({ alg: "ES256" }, { iss: "us", exp }))).toBe("WEBHOOK_ALGORITHM_NOT_ALLOWED");
    expect(await refusal(run({ alg: "EdDSA" }, { iss: "them", exp }))).toBe("WEBHOOK_CLAIM_INVALID");
    expect(await refusal(run({ alg: "EdDSA" }, { exp }))).toBe("WEBHOOK_CLAIM_MISSING");
    expect(count()).toBe(0);
    await run({ alg: "EdDSA", kid: "k" }, { iss: "us", exp });
    expect(await refusal(run({ alg: "EdDSA", kid: "other" }, { iss: "us", exp }))).toBe(
      "WEBHOOK_KEY_NOT_FOUND",
    );
    expect(count()).toBe(1);
  });

  test("that cannot be fetched is a failure that may pass", async () => {
    const { fetch } = server(() => ({ status: 404, body: "" }));
    const keys = createRemoteJwks({ url: "https://example.com/jwks", fetch });
    const text = `${Buffer.from('{"alg":"ES256"}').toString("base64url")}.e30.AA`;
    const request = { headers: { authorization: `Bearer ${text}` }, rawBody: new Uint8Array(0) };
    const error = await verifyWebhook(jwt, request, {
      algorithms: ["ES256"],
      keys,
      issuer: false,
      audience: false,
    }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "WEBHOOK_KEYS_UNAVAILABLE", retryable: true, httpStatus: 503 });
  });

  test("behind the guarded fetch cannot be on this host", async () => {
    const source = createRemoteJwks({ url: "https://127.0.0.1/jwks" });
    await expect(source.jwks("one")).rejects.toMatchObject({ code: "NET_IP_NOT_PUBLIC" });
  });
});

describe("remote certificates", () => {
  const url = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem";
  const fixture = readFileSync(new URL("./fixtures/certificate.pem", import.meta.url), "utf8");
  const privateKey = createPrivateKey(fixture.slice(fixture.indexOf("-----BEGIN PRIVATE KEY")));
  const certificate = fixture.slice(0, fixture.indexOf("-----BEGIN PRIVATE KEY"));
  const message = {
    Message: "hi",
    MessageId: "m-1",
    Timestamp: new Date(startMs).toISOString(),
    TopicArn: "arn:aws:sns:us-east-1:1:mine",
    Type: "Notification",
  };

  function delivery(fields: object = {}, key = privateKey): { headers: {}; rawBody: Uint8Array } {
    const text = Object.entries({ ...message, ...fields })
      .map(([name, value]) => `${name}\n${value}\n`)
      .join("");
    const Signature = bareSign("RSA-SHA256", Buffer.from(text), key).toString("base64");
    const body = { ...message, ...fields, SignatureVersion: "2", SigningCertURL: url, Signature };
    return { headers: {}, rawBody: encoder.encode(JSON.stringify(body)) };
  }

  test("are fetched once and used while they are valid", async () => {
    const { fetch, count } = server(() => ({ body: certificate }));
    const certificates = createRemoteCertificates({ fetch });
    const options = { certificates, topicArns: [message.TopicArn] };
    for (let index = 0; index < 3; index += 1) {
      const event = await verifyWebhook(awsSns, delivery(), { ...options, now: () => startMs });
      expect(event.claims).toEqual(message);
      expect(event.bodyBound).toBe(false);
    }
    expect(count()).toBe(1);
    const later = Date.parse("2099-01-01T00:00:00Z");
    const late = delivery({ Timestamp: new Date(later).toISOString() });
    expect(await refusal(verifyWebhook(awsSns, late, { ...options, now: () => later }))).toBe(
      "WEBHOOK_CERT_UNTRUSTED",
    );
    const other = delivery({ TopicArn: "arn:aws:sns:us-east-1:2:theirs" });
    expect(await refusal(verifyWebhook(awsSns, other, { ...options, now: () => startMs }))).toBe(
      "WEBHOOK_CLAIM_INVALID",
    );
    const forged = delivery({}, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
    expect(await refusal(verifyWebhook(awsSns, forged, { ...options, now: () => startMs }))).toBe(
      "WEBHOOK_SIGNATURE_MISMATCH",
    );
  });

  test.each([
    "http://sns.us-east-1.amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
    "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
    "https://user@sns.us-east-1.amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.com:8443/a.pem",
    "https://sns.us-east-1.amazonaws.com/a.pem?x",
    "https://sns.us-east-1.amazonaws.com/../a.pem",
    "https://sns.us-east-1.amazonaws.com/a.pem\n",
    "https://SNS.us-east-1.amazonaws.com/a.pem",
    "https://bucket.s3.amazonaws.com/a.pem",
  ])("are never fetched from %j", async (SigningCertURL) => {
    const { fetch, count } = server(() => ({ body: certificate }));
    const body = { ...message, SignatureVersion: "2", SigningCertURL, Signature: "AAAA" };
    const request = { headers: {}, rawBody: encoder.encode(JSON.stringify(body)) };
    const options = {
      certificates: createRemoteCertificates({ fetch }),
      topicArns: false,
      now: () => startMs,
    } as const;
    expect(await refusal(verifyWebhook(awsSns, request, options))).toBe("WEBHOOK_CERT_UNTRUSTED");
    expect(count()).toBe(0);
  });

  test("version 1 signatures and unknown types are refused", async () => {
    const options = { certificates: { [url]: certificate }, topicArns: false, now: () => startMs } as const;
    const run = (fields: object): Promise<string> => {
      const body = { ...message, SignatureVersion: "2", SigningCertURL: url, Signature: "AAAA", ...fields };
      return refusal(
        verifyWebhook(awsSns, { headers: {}, rawBody: encoder.encode(JSON.stringify(body)) }, options),
      );
    };
    expect(await run({ SignatureVersion: "1" })).toBe("WEBHOOK_UNSUPPORTED_VERSION");
    expect(await run({ Type: "Other" })).toBe("WEBHOOK_MALFORMED_BODY");
    expect(await run({ Message: 1 })).toBe("WEBHOOK_MALFORMED_BODY");
    expect(await run({ Signature: "?" })).toBe("WEBHOOK_BAD_ENCODING");
    expect(() => awsSns.prepare({ certificates: {}, topicArns: [] })).toThrow(/topicArns/);
  });

  test("that fail are asked for again, and that hold no good key are refused", async () => {
    let body = "nothing";
    let status = 500;
    const { fetch, count } = server(() => ({ status, body }));
    const options = {
      certificates: createRemoteCertificates({ fetch }),
      topicArns: false,
      now: () => startMs,
    } as const;
    expect(await refusal(verifyWebhook(awsSns, delivery(), options))).toBe("WEBHOOK_KEYS_UNAVAILABLE");
    status = 200;
    expect(await refusal(verifyWebhook(awsSns, delivery(), options))).toBe("WEBHOOK_CERT_UNTRUSTED");
    expect(count()).toBe(2);
    for (const weak of [
      generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey,
      generateKeyPairSync("ed25519").publicKey,
      generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey,
    ]) {
      body = weak.export({ type: "spki", format: "pem" }) as string;
      const certificates = { [url]: body };
      expect(await refusal(verifyWebhook(awsSns, delivery(), { ...options, certificates }))).toBe(
        "WEBHOOK_CERT_UNTRUSTED",
      );
    }
    expect(await refusal(verifyWebhook(awsSns, delivery(), { ...options, certificates: {} }))).toBe(
      "WEBHOOK_KEY_NOT_FOUND",
    );
  });

  test("of PayPal come from PayPal only", async () => {
    const headers = {
      "paypal-transmission-id": "1",
      "paypal-transmission-time": new Date(startMs).toISOString(),
      "paypal-transmission-sig": "AAAA",
      "paypal-cert-url": "https://api.paypal.com.evil.example/v1/notifications/certs/CERT",
      "paypal-auth-algo": "SHA256withRSA",
    };
    const run = (extra: object): Promise<string> =>
      refusal(
        verifyWebhook(
          paypal,
          { headers: { ...headers, ...extra }, rawBody: new Uint8Array(0) },
          { webhookId: "w", certificates: {}, now: () => startMs },
        ),
      );
    expect(await run({})).toBe("WEBHOOK_CERT_UNTRUSTED");
    expect(
      await run({ "paypal-cert-url": "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1" }),
    ).toBe("WEBHOOK_KEY_NOT_FOUND");
    expect(() => paypal.prepare({ webhookId: "", certificates: {} })).toThrow(/webhookId/);
  });
});
