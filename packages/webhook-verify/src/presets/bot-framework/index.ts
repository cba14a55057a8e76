import type { Jwk } from "../../jwt/jwt-key.ts";
import { type JwksSource, jwtPreset } from "../../jwt/jwt-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Options of {@link botFramework}. */
export interface BotFrameworkOptions {
  /** The bot's application id. */
  readonly appId: string;
  /** Keys of the Bot Connector: `createRemoteJwks({ url: "https://login.botframework.com/v1/.well-known/keys" })`. */
  readonly keys: readonly Jwk[] | JwksSource;
}

/**
 * Microsoft Bot Framework and Teams: a token of the Bot Connector whose `serviceurl` equals the activity's. The
 * rest of the body is not covered.
 *
 * Differs from Symbiont: it fetches the keys at every request before it looks at the token, and compares neither
 * service URL.
 */
export const botFramework: WebhookPreset<BotFrameworkOptions> = jwtPreset({
  name: "bot-framework",
  documentation:
    "https://learn.microsoft.com/en-us/azure/bot-service/rest-api/bot-framework-rest-connector-authentication",
  bodyBound: false,
  rules: ({ appId, keys }: BotFrameworkOptions) => {
    if (typeof appId !== "string" || appId === "") throw new TypeError("appId must be a text");
    return {
      keys,
      audience: appId,
      header: "authorization",
      authScheme: "Bearer",
      algorithms: ["RS256"],
      issuer: "https://api.botframework.com",
      clockToleranceMs: 300_000,
      bodyClaimEquals: { claim: "serviceurl", bodyField: "serviceUrl" },
    };
  },
});
