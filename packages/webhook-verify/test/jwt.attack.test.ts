import { createHmac, generateKeyPairSync } from "node:crypto";
import { exportPrivateKeyJwk, generateKeyPair, type PrivateKey, sign } from "@symbiont/keys";
import { createWebhookVerifier, type Jwk, MemoryReplayStore, verifyWebhook } from "@symbiont/webhook-verify";
import { botFramework } from "@symbiont/webhook-verify/presets/bot-framework";
import { googleOidc } from "@symbiont/webhook-verify/presets/google-oidc";
import { type JwtOptions, jwt } from "@symbiont/webhook-verify/presets/jwt";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";

const nowMs = 1_700_000_000_000;
const now = (): number => nowMs;
const rawBody = new TextEncoder().encode("{}");
const signer = generateKeyPair("ES256");
const claims = { iss: "https://issuer.example", aud: "hooks", exp: 1_700_000_060 };
const options: JwtOptions & { now: () => number } = {
  algorithms: ["ES256"],
  keys: [{ ...signer.publicKey.toJwk(), kid: "a" }],
  issuer: "https://issuer.example",
  audience: "hooks",
  now,
};

const part = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

function token(
  payload: unknown,
  header: object = { alg: "ES256", kid: "a" },
  key: PrivateKey = signer.privateKey,
): string {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${Buffer.from(sign(key, input, { format: "raw" })).toString("base64url")}`;
}

function verify(text: string, extra: object = {}): Promise<unknown> {
  return verifyWebhook(
    jwt,
    { headers: { authorization: `Bearer ${text}` }, rawBody },
    { ...options, ...extra },
  );
}

describe("a token", () => {
  test("gives its claims and vouches for no body", async () => {
    const event = await verifyWebhook(
      jwt,
      { headers: { authorization: `Bearer ${token(claims)}` }, rawBody },
      options,
    );
    expect(event.claims).toEqual(claims);
    expect(event.keyId).toBe("a");
    expect(event.bodyBound).toBe(false);
  });

  test.each([
    [
      "duplicate names in the payload",
      token('{"iss":"https://issuer.example","aud":"x","aud":"hooks","exp":1700000060}'),
    ],
    ["a prototype name", token('{"__proto__":{"aud":"hooks"}}')],
    ["a critical extension", token(claims, { alg: "ES256", crit: ["b64"], b64: false })],
    ["a kid that is no text", token(claims, { alg: "ES256", kid: 1 })],
    ["an array for a header", token(claims, [])],
    ["an empty part", ".."],
    ["a fourth part", `${token(claims)}.x`],
    ["padding", `${token(claims)}==`],
    ["a space inside", token(claims).replace(".", ". ")],
    ["more than 16 KiB", token({ ...claims, pad: "x".repeat(12_150) })],
  ])("with %s is malformed", async (_, text) => {
    expect(await refusal(verify(text))).toBe("WEBHOOK_JWT_MALFORMED");
  });

  test("without an algorithm, or with one in another spelling, is not allowed", async () => {
    for (const alg of [undefined, null, "es256", "ES256 ", "none", "", ["ES256"], "HS256"])
      expect(await refusal(verify(token(claims, { alg })))).toBe("WEBHOOK_ALGORITHM_NOT_ALLOWED");
  });

  test("with a signature in DER does not fit", async () => {
    const input = `${part({ alg: "ES256" })}.${part(claims)}`;
    const der = Buffer.from(sign(signer.privateKey, input)).toString("base64url");
    expect(await refusal(verify(`${input}.${der}`))).toBe("WEBHOOK_SIGNATURE_MISMATCH");
  });

  test("that brings its own key is judged by ours", async () => {
    const forger = generateKeyPair("ES256");
    const { d: _, ...jwk } = exportPrivateKeyJwk(forger.privateKey);
    for (const header of [
      { jwk },
      { jku: "https://evil.example/jwks" },
      { x5u: "https://evil.example/cert" },
    ])
      expect(await refusal(verify(token(claims, { alg: "ES256", ...header }, forger.privateKey)))).toBe(
        "WEBHOOK_SIGNATURE_MISMATCH",
      );
  });

  test.each([
    [{ ...claims, exp: "1700000060" }, "WEBHOOK_CLAIM_INVALID"],
    [{ ...claims, exp: null }, "WEBHOOK_CLAIM_INVALID"],
    [{ ...claims, nbf: "0" }, "WEBHOOK_CLAIM_INVALID"],
    [{ ...claims, aud: ["hooks", 1] }, "WEBHOOK_CLAIM_INVALID"],
    [{ ...claims, aud: { hooks: true } }, "WEBHOOK_CLAIM_INVALID"],
    [{ ...claims, iss: ["https://issuer.example"] }, "WEBHOOK_CLAIM_INVALID"],
    [{ ...claims, nbf: 1_700_000_006 }, "WEBHOOK_TOKEN_NOT_ACTIVE"],
    [{ ...claims, iat: 1_700_000_006 }, "WEBHOOK_TOKEN_NOT_ACTIVE"],
    [{ ...claims, exp: 1_699_999_995 }, "WEBHOOK_TOKEN_EXPIRED"],
    [{ ...claims, exp: -1e300 }, "WEBHOOK_TOKEN_EXPIRED"],
  ])("with the claims %j is refused", async (payload, code) => {
    expect(await refusal(verify(token(payload)))).toBe(code);
  });

  test("with a number beyond all bounds is refused", async () => {
    const payload = JSON.stringify(claims).replace("1700000060", "1e400");
    expect(await refusal(verify(token(payload)))).toBe("WEBHOOK_CLAIM_INVALID");
  });

  test("may name several audiences of which one is ours", async () => {
    await verify(token({ ...claims, aud: ["other", "hooks"] }));
    await verify(token(claims), { audience: ["other", "hooks"] });
  });

  test("is refused by a clock that gives NaN", async () => {
    expect(await refusal(verify(token(claims), { now: () => Number.NaN }))).toBe("WEBHOOK_TOKEN_EXPIRED");
  });

  test("is used once, however it is spelled or signed again", async () => {
    const verifier = createWebhookVerifier(jwt, { ...options, replay: new MemoryReplayStore({ now }) });
    const request = (text: string): any => ({ headers: { authorization: `Bearer ${text}` }, rawBody });
    await verifier.verify(request(token(claims)));
    expect(await refusal(verifier.verify(request(token(claims))))).toBe("WEBHOOK_REPLAYED");
    await verifier.verify(request(token({ ...claims, jti: "1" })));
    expect(await refusal(verifier.verify(request(token({ ...claims, jti: "1", x: 1 }))))).toBe(
      "WEBHOOK_REPLAYED",
    );
  });
});

describe("options", () => {
  test("that allow confusion or forget a rule are refused", () => {
    const build = (extra: object): unknown => createWebhookVerifier(jwt, { ...options, ...extra });
    expect(() => build({ algorithms: ["HS256", "ES256"] })).toThrow(/algorithms must not mix/);
    expect(() => build({ algorithms: ["none"] })).toThrow(/algorithms/);
    expect(() => build({ algorithms: [] })).toThrow(/algorithms/);
    expect(() => build({ audience: undefined })).toThrow(/audience/);
    expect(() => build({ audience: "" })).toThrow(/audience/);
    expect(() => build({ issuer: [] })).toThrow(/issuer/);
    expect(() => build({ keys: [] })).toThrow(/keys/);
    expect(() => build({ clockToleranceMs: 300_001 })).toThrow(/clockToleranceMs/);
    expect(() => build({ maxTokenAgeMs: -1 })).toThrow(/maxTokenAgeMs/);
  });

  test("unusable keys of a set are passed over", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({
      format: "jwk",
    }) as Jwk;
    const good = { ...signer.publicKey.toJwk(), kid: "a" };
    const keys = [
      rsa,
      { kty: "oct", k: "c2hvcnQ" },
      { kty: "EC" },
      { ...good, use: "enc" },
      { ...good, alg: "ES384" },
      { kty: "PQC" },
      {} as Jwk,
    ];
    expect(await refusal(verify(token(claims), { keys }))).toBe("WEBHOOK_KEY_NOT_FOUND");
    const event = await verifyWebhook(
      jwt,
      { headers: { authorization: `Bearer ${token(claims)}` }, rawBody },
      { ...options, keys: [...keys, good] },
    );
    expect(event.keyIndex).toBe(keys.length);
  });

  test("a short secret is no key for HS256", async () => {
    const input = `${part({ alg: "HS256" })}.${part(claims)}`;
    const text = `${input}.${createHmac("sha256", "short").update(input).digest("base64url")}`;
    const keys = [{ kty: "oct", k: part("short") }];
    expect(await refusal(verify(text, { algorithms: ["HS256"], keys }))).toBe("WEBHOOK_KEY_NOT_FOUND");
  });
});

describe("RS256 presets", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keys = [{ ...(publicKey.export({ format: "jwk" }) as Jwk), kid: "r" }];

  async function rsaToken(payload: object): Promise<string> {
    const { sign } = await import("node:crypto");
    const input = `${part({ alg: "RS256", kid: "r" })}.${part(payload)}`;
    return `${input}.${sign("RSA-SHA256", Buffer.from(input), privateKey).toString("base64url")}`;
  }

  test("Google's e-mail must be ours and verified", async () => {
    const base = {
      iss: "accounts.google.com",
      aud: "hooks",
      exp: 1_700_000_060,
      email: "push@example.iam.gserviceaccount.com",
      email_verified: true,
    };
    const preset = { audience: "hooks", email: "push@example.iam.gserviceaccount.com", keys, now };
    const run = async (payload: object): Promise<unknown> =>
      verifyWebhook(
        googleOidc,
        { headers: { authorization: `Bearer ${await rsaToken(payload)}` }, rawBody },
        preset,
      );
    await run(base);
    expect(await refusal(run({ ...base, email_verified: false }))).toBe("WEBHOOK_CLAIM_INVALID");
    expect(await refusal(run({ ...base, email_verified: "true" }))).toBe("WEBHOOK_CLAIM_INVALID");
    expect(await refusal(run({ ...base, email: undefined }))).toBe("WEBHOOK_CLAIM_MISSING");
    expect(() => createWebhookVerifier(googleOidc, { ...preset, email: "" })).toThrow(/email/);
  });

  test("the Bot Framework's service URL must be the activity's", async () => {
    const payload = {
      iss: "https://api.botframework.com",
      aud: "app",
      exp: 1_700_000_060,
      serviceurl: "https://smba.example/",
    };
    const headers = { authorization: `Bearer ${await rsaToken(payload)}` };
    const run = (body: string): Promise<unknown> =>
      verifyWebhook(
        botFramework,
        { headers, rawBody: new TextEncoder().encode(body) },
        { appId: "app", keys, now },
      );
    await run('{"serviceUrl":"https://smba.example/"}');
    expect(await refusal(run('{"serviceUrl":"https://evil.example/"}'))).toBe("WEBHOOK_CLAIM_INVALID");
    expect(await refusal(run("{}"))).toBe("WEBHOOK_CLAIM_INVALID");
    expect(await refusal(run("not json"))).toBe("WEBHOOK_MALFORMED_BODY");
  });
});
