import type { Jwk } from "../../jwt/jwt-key.ts";
import { type JwksSource, jwtPreset } from "../../jwt/jwt-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Options of {@link googleOidc}. */
export interface GoogleOidcOptions {
  /** Audience set on the push subscription; its endpoint's URL unless another was chosen. */
  readonly audience: string;
  /** Service account that the subscription signs in as: every Google account can get a token for this audience. */
  readonly email: string;
  /** Google's keys: `createRemoteJwks({ url: "https://www.googleapis.com/oauth2/v3/certs" })`. */
  readonly keys: readonly Jwk[] | JwksSource;
}

/** Google Pub/Sub push and other Google services: an OpenID Connect token. The body is not covered. */
export const googleOidc: WebhookPreset<GoogleOidcOptions> = jwtPreset({
  name: "google-oidc",
  documentation: "https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions",
  bodyBound: false,
  rules: ({ audience, email, keys }: GoogleOidcOptions) => {
    if (typeof email !== "string" || email === "") throw new TypeError("email must be a text");
    return {
      keys,
      audience,
      header: "authorization",
      authScheme: "Bearer",
      algorithms: ["RS256"],
      issuer: ["https://accounts.google.com", "accounts.google.com"],
      requiredClaims: { email, email_verified: true },
    };
  },
});
