import type {
  VerifierOptions,
  WebhookErrorCode,
  WebhookEvent,
  WebhookInspection,
  WebhookPreset,
} from "@symbiont/webhook-verify";
import { inspectWebhook, verifyWebhook } from "@symbiont/webhook-verify";
import { discord } from "@symbiont/webhook-verify/presets/discord";
import { github } from "@symbiont/webhook-verify/presets/github";
import { jwt } from "@symbiont/webhook-verify/presets/jwt";
import { expectTypeOf, test } from "vitest";

declare const request: { headers: Headers; rawBody: Uint8Array };

test("an inspection is no event, and neither is a copy of one", () => {
  expectTypeOf<WebhookInspection>().not.toExtend<WebhookEvent>();
  expectTypeOf<{ [Key in keyof WebhookEvent]: WebhookEvent[Key] }>().not.toExtend<WebhookEvent>();
  expectTypeOf(verifyWebhook(github, request, { secrets: ["a"] })).resolves.toEqualTypeOf<WebhookEvent>();
  expectTypeOf(
    inspectWebhook(github, request, { secrets: ["a"] }),
  ).resolves.toEqualTypeOf<WebhookInspection>();
});

test("each preset asks for its own keys", () => {
  // @ts-expect-error secrets are required
  void verifyWebhook(github, request, {});
  // @ts-expect-error Discord signs with a private key
  void verifyWebhook(discord, request, { secrets: ["a"] });
  // @ts-expect-error leaving out the audience must be said
  void verifyWebhook(jwt, request, { algorithms: ["ES256"], keys: [], issuer: "a" });
  // @ts-expect-error a text is not the raw body
  void verifyWebhook(github, { headers: [], rawBody: "{}" }, { secrets: ["a"] });
});

test("options and codes are closed", () => {
  expectTypeOf<VerifierOptions>().toHaveProperty("replay");
  expectTypeOf<WebhookPreset<never>>().toHaveProperty("bodyBound");
  expectTypeOf<WebhookErrorCode>().toEqualTypeOf<
    | "WEBHOOK_MISSING_HEADER"
    | "WEBHOOK_DUPLICATE_HEADER"
    | "WEBHOOK_MALFORMED_HEADER"
    | "WEBHOOK_MALFORMED_BODY"
    | "WEBHOOK_BODY_TOO_LARGE"
    | "WEBHOOK_UNSUPPORTED_VERSION"
    | "WEBHOOK_ALGORITHM_NOT_ALLOWED"
    | "WEBHOOK_BAD_ENCODING"
    | "WEBHOOK_TIMESTAMP_INVALID"
    | "WEBHOOK_TIMESTAMP_TOO_OLD"
    | "WEBHOOK_TIMESTAMP_TOO_NEW"
    | "WEBHOOK_SIGNATURE_MISMATCH"
    | "WEBHOOK_BODY_DIGEST_MISMATCH"
    | "WEBHOOK_MISSING_CONTEXT"
    | "WEBHOOK_CERT_UNTRUSTED"
    | "WEBHOOK_KEY_NOT_FOUND"
    | "WEBHOOK_KEYS_UNAVAILABLE"
    | "WEBHOOK_JWT_MALFORMED"
    | "WEBHOOK_CLAIM_MISSING"
    | "WEBHOOK_CLAIM_INVALID"
    | "WEBHOOK_TOKEN_EXPIRED"
    | "WEBHOOK_TOKEN_NOT_ACTIVE"
    | "WEBHOOK_REPLAYED"
    | "WEBHOOK_REPLAY_STORE_FAILED"
    | "WEBHOOK_RUNTIME_UNSUPPORTED"
    | "WEBHOOK_CHECK_FAILED"
  >();
});
