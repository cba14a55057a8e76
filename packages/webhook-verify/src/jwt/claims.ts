import { sha256 } from "@symbiont/keys";
import { constantTimeEqual, type JsonObject, type JsonValue } from "@symbiont/kit";
import { type DigestEncoding, decodeDigest } from "../internal/digest-text.ts";
import { readJsonObject } from "../internal/json-body.ts";
import { WebhookError, type WebhookErrorCode } from "../webhook-error.ts";

/** What the claims of a token must say. */
export interface ClaimRules {
  /** Accepted issuers; `false` is the explicit choice not to look. */
  readonly issuer: string | readonly string[] | false;
  /** Accepted audiences; `false` is the explicit choice not to look. */
  readonly audience: string | readonly string[] | false;
  /** Whether a token without `exp` is refused. Default `true`. */
  readonly requireExp?: boolean;
  /** Leeway for `exp`, `nbf` and `iat` in ms, up to 300,000. Default 5,000. */
  readonly clockToleranceMs?: number;
  /** Largest age by `iat`, which is then required, in ms. Default none. */
  readonly maxTokenAgeMs?: number;
  /** Claims that must be there with exactly this value. */
  readonly requiredClaims?: Readonly<Record<string, string | number | boolean>>;
  /** Claim that holds the SHA-256 of the body. */
  readonly bodyHashClaim?: { readonly name: string; readonly encoding: DigestEncoding };
  /** Claim whose text a member of the JSON body must repeat. */
  readonly bodyClaimEquals?: { readonly claim: string; readonly bodyField: string };
}

const MAX_SKEW_MS = 300_000;
const SHA256_LENGTH = 32;

/** @throws TypeError or RangeError naming the option. */
export function checkRules(rules: ClaimRules): void {
  checkNames("issuer", rules.issuer);
  checkNames("audience", rules.audience);
  const { clockToleranceMs = 0, maxTokenAgeMs = 0 } = rules;
  if (!Number.isInteger(clockToleranceMs) || clockToleranceMs < 0 || clockToleranceMs > MAX_SKEW_MS)
    throw new RangeError(`clockToleranceMs must be an integer from 0 to ${MAX_SKEW_MS}`);
  if (!Number.isInteger(maxTokenAgeMs) || maxTokenAgeMs < 0)
    throw new RangeError("maxTokenAgeMs must be an integer of at least 0");
}

/**
 * Judges the claims of a token whose signature was verified: first what is missing, then what is wrong, then the
 * times, then the body. Gives how long the token could pass again, in ms, when it ends.
 * @throws WebhookError `WEBHOOK_CLAIM_MISSING`, `WEBHOOK_CLAIM_INVALID`, `WEBHOOK_TOKEN_EXPIRED`,
 * `WEBHOOK_TOKEN_NOT_ACTIVE`, `WEBHOOK_BODY_DIGEST_MISMATCH`, `WEBHOOK_MALFORMED_BODY`
 * @see RFC 7519 section 4.1
 */
export function checkClaims(
  claims: JsonObject,
  rules: ClaimRules,
  body: Uint8Array,
  nowMs: number,
): number | undefined {
  for (const name of requiredNames(rules))
    if (!Object.hasOwn(claims, name)) throw refusal("WEBHOOK_CLAIM_MISSING", `token has no claim ${name}`);
  checkIssuer(claims, rules.issuer);
  if (rules.audience !== false && !hasAudience(claims["aud"], names(rules.audience))) throw invalid("aud");
  for (const [name, value] of Object.entries(rules.requiredClaims ?? {}))
    if (claims[name] !== value) throw invalid(name);
  const windowMs = checkTimes(claims, rules, nowMs);
  if (rules.bodyHashClaim !== undefined) checkBodyHash(claims, rules.bodyHashClaim, body);
  if (rules.bodyClaimEquals !== undefined) {
    const { claim, bodyField } = rules.bodyClaimEquals;
    const value = claims[claim];
    if (typeof value !== "string" || readJsonObject(body)[bodyField] !== value) throw invalid(claim);
  }
  return windowMs;
}

/** @throws WebhookError `WEBHOOK_CLAIM_MISSING`, `WEBHOOK_CLAIM_INVALID` */
export function checkIssuer(claims: JsonObject, issuer: ClaimRules["issuer"]): void {
  if (issuer === false) return;
  const value = Object.hasOwn(claims, "iss") ? claims["iss"] : undefined;
  if (value === undefined) throw refusal("WEBHOOK_CLAIM_MISSING", "token has no claim iss");
  if (typeof value !== "string" || !names(issuer).includes(value)) throw invalid("iss");
}

function requiredNames(rules: ClaimRules): readonly string[] {
  return [
    ...(rules.issuer === false ? [] : ["iss"]),
    ...(rules.audience === false ? [] : ["aud"]),
    ...(rules.requireExp === false ? [] : ["exp"]),
    ...(rules.maxTokenAgeMs === undefined ? [] : ["iat"]),
    ...Object.keys(rules.requiredClaims ?? {}),
    ...(rules.bodyHashClaim === undefined ? [] : [rules.bodyHashClaim.name]),
    ...(rules.bodyClaimEquals === undefined ? [] : [rules.bodyClaimEquals.claim]),
  ];
}

function checkTimes(claims: JsonObject, rules: ClaimRules, nowMs: number): number | undefined {
  const { clockToleranceMs: skewMs = 5000, maxTokenAgeMs } = rules;
  const expMs = milliseconds(claims, "exp");
  const nbfMs = milliseconds(claims, "nbf");
  const iatMs = milliseconds(claims, "iat");
  // Each comparison is written so that a clock that gives NaN refuses.
  if (expMs !== undefined && !(nowMs - skewMs < expMs)) throw expired();
  if (iatMs !== undefined && maxTokenAgeMs !== undefined && !(nowMs - iatMs <= maxTokenAgeMs + skewMs))
    throw expired();
  for (const startMs of [nbfMs, iatMs])
    if (startMs !== undefined && !(startMs <= nowMs + skewMs))
      throw refusal("WEBHOOK_TOKEN_NOT_ACTIVE", "token is not active yet");
  const ends = [
    ...(expMs === undefined ? [] : [expMs]),
    ...(iatMs === undefined || maxTokenAgeMs === undefined ? [] : [iatMs + maxTokenAgeMs]),
  ];
  return ends.length === 0 ? undefined : Math.max(1, Math.min(...ends) + skewMs - nowMs);
}

function milliseconds(claims: JsonObject, name: string): number | undefined {
  if (!Object.hasOwn(claims, name)) return undefined;
  const seconds = claims[name];
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) throw invalid(name);
  return seconds * 1000;
}

function checkBodyHash(
  claims: JsonObject,
  rule: NonNullable<ClaimRules["bodyHashClaim"]>,
  body: Uint8Array,
): void {
  const text = claims[rule.name];
  if (typeof text !== "string") throw invalid(rule.name);
  const digest = decodeDigest(text, rule.encoding, SHA256_LENGTH);
  if (digest === undefined || !constantTimeEqual(digest, sha256(body)))
    throw refusal("WEBHOOK_BODY_DIGEST_MISMATCH", "body is not the one that the token was made for");
}

/** @see RFC 7519 section 4.1.3 */
function hasAudience(aud: JsonValue | undefined, accepted: readonly string[]): boolean {
  if (typeof aud === "string") return accepted.includes(aud);
  if (!Array.isArray(aud) || !aud.every((entry) => typeof entry === "string")) return false;
  return aud.some((entry) => accepted.includes(entry));
}

function names(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

function checkNames(option: string, value: unknown): void {
  if (value === false) return;
  const list = typeof value === "string" ? [value] : value;
  if (
    !Array.isArray(list) ||
    list.length === 0 ||
    !list.every((name) => typeof name === "string" && name !== "")
  )
    throw new TypeError(`${option} must be a text, a list of texts, or false`);
}

function invalid(name: string): WebhookError {
  return refusal("WEBHOOK_CLAIM_INVALID", `token's claim ${name} does not hold an accepted value`);
}

function expired(): WebhookError {
  return refusal("WEBHOOK_TOKEN_EXPIRED", "token has expired");
}

function refusal(code: WebhookErrorCode, message: string): WebhookError {
  return new WebhookError(code, message);
}
