export { MemoryReplayStore, type MemoryReplayStoreOptions, type ReplayStore } from "@symbiont/kit";
export type { CertificateSource, Certificates } from "./certificate-source.ts";
export { type HmacScheme, hmacPreset, type SecretOptions, type TimedSecretOptions } from "./hmac-preset.ts";
export { inspectWebhook, type WebhookInspection } from "./inspect-webhook.ts";
export type { DigestEncoding } from "./internal/digest-text.ts";
export type { HashName } from "./internal/mac.ts";
export type { SignatureForm } from "./internal/signature-form.ts";
export type { TimestampUnit } from "./internal/timestamp.ts";
export type { ClaimRules } from "./jwt/claims.ts";
export type { Jwk, JwtAlgorithm } from "./jwt/jwt-key.ts";
export { type JwksSource, type JwtRules, type JwtScheme, jwtPreset } from "./jwt/jwt-preset.ts";
export type {
  PreparedPreset,
  PresetDescription,
  SignedWebhook,
  WebhookDraft,
  WebhookPreset,
  WebhookProof,
} from "./preset.ts";
export {
  type PublicKeyEncoding,
  type PublicKeyOptions,
  type PublicKeyScheme,
  publicKeyPreset,
} from "./public-key-preset.ts";
export type { ReplayOptions } from "./replay-store.ts";
export type { DatedSecret, SecretEncoding, WebhookSecret } from "./secret.ts";
export { type SignOptions, signWebhook } from "./sign-webhook.ts";
export {
  type StandardWebhooksOptions,
  type StandardWebhooksScheme,
  standardWebhooksPreset,
} from "./standard-webhooks-preset.ts";
export { type TokenScheme, tokenPreset } from "./token-preset.ts";
export { WebhookError, type WebhookErrorCode } from "./webhook-error.ts";
export type { WebhookEvent } from "./webhook-event.ts";
export type { WebhookHeaders, WebhookRequest } from "./webhook-request.ts";
export {
  createWebhookVerifier,
  type VerifierOptions,
  verifyWebhook,
  type WebhookVerifier,
} from "./webhook-verifier.ts";
