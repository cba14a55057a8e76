import type { Jwk, JwtAlgorithm } from "../../jwt/jwt-key.ts";
import { type JwksSource, jwtPreset } from "../../jwt/jwt-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Options of {@link fusionauth}. */
export interface FusionauthOptions {
  readonly keys: readonly Jwk[] | JwksSource;
  /** The algorithm of the signing key that was chosen in FusionAuth. */
  readonly algorithms: readonly JwtAlgorithm[];
}

/** FusionAuth: a token of at most five minutes that holds the body's SHA-256. */
export const fusionauth: WebhookPreset<FusionauthOptions> = jwtPreset({
  name: "fusionauth",
  documentation: "https://fusionauth.io/docs/extend/events-and-webhooks/signing",
  bodyBound: true,
  rules: ({ keys, algorithms }: FusionauthOptions) => ({
    keys,
    algorithms,
    header: "x-fusionauth-signature-jwt",
    // FusionAuth's tokens name neither; the key alone tells who signed.
    issuer: false,
    audience: false,
    requireExp: false,
    maxTokenAgeMs: 300_000,
    bodyHashClaim: { name: "request_body_sha256", encoding: "base64" },
  }),
});
