import type { Jwk } from "../../jwt/jwt-key.ts";
import { type JwksSource, jwtPreset } from "../../jwt/jwt-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Options of {@link plaid}. */
export interface PlaidOptions {
  /** Keys from Plaid's `/webhook_verification_key/get`, or a source that asks for them by `kid`. */
  readonly keys: readonly Jwk[] | JwksSource;
}

/** Plaid: an ES256 token of at most five minutes that holds the body's SHA-256. */
export const plaid: WebhookPreset<PlaidOptions> = jwtPreset({
  name: "plaid",
  documentation: "https://plaid.com/docs/api/webhooks/webhook-verification/",
  bodyBound: true,
  rules: ({ keys }: PlaidOptions) => ({
    keys,
    header: "plaid-verification",
    algorithms: ["ES256"],
    // Plaid's tokens name neither; the key alone tells who signed.
    issuer: false,
    audience: false,
    requireExp: false,
    maxTokenAgeMs: 300_000,
    bodyHashClaim: { name: "request_body_sha256", encoding: "hex" },
  }),
});
