import { type IdentityVerifier, type Principal, SymbiontError } from "@symbiont/kit";
import { retryStatus } from "../retry-status.ts";

/** What an MCP server knows of a request's token: `AuthInfo` of both major versions. */
export interface McpAuthInfo {
  token: string;
  clientId: string;
  scopes: string[];
  /** Epoch seconds. */
  expiresAt: number;
  /** The audience, when it is a URL. */
  resource?: URL;
  extra: Record<string, unknown>;
}

/** `OAuthTokenVerifier` of both major versions. */
export interface McpTokenVerifier {
  verifyAccessToken(token: string): Promise<McpAuthInfo>;
}

/** How credentials become what an MCP server takes for an access token. */
export interface BearerVerifierOptions {
  /** API keys, AgentPin, or your own. */
  readonly verifier: IdentityVerifier;
  /** Who the credential must be meant for. */
  readonly audience: string;
  /**
   * Makes the host's own error for a token that is not valid, by which alone it tells a 401 from a 500. Of version 2:
   * `(text) => new OAuthError(OAuthErrorCode.InvalidToken, text)`; of version 1: `(text) => new InvalidTokenError(text)`.
   */
  readonly invalidToken: (text: string) => Error;
  /** What the principal may do, for the host's own check. Default: the text in the attribute `scopes`, else its roles. */
  readonly scopes?: (principal: Principal) => readonly string[];
  /**
   * How long the host may believe the answer, in seconds. The host takes no token without an end, and many credentials
   * have none. Default 60.
   */
  readonly ttlS?: number;
  /** Default `Date`. */
  readonly clock?: { now(): number };
}

/**
 * Lets an MCP server take API keys or AgentPin credentials as bearer tokens: give it to `requireBearerAuth` as its
 * `verifier`. The principal is in `authInfo.extra`, see {@link principalOf}.
 *
 * Every credential that is not valid gets one and the same answer. A verifier that cannot tell now (its error is
 * retryable, or has an `httpStatus` of 429 or 5xx) is an error of the server's, never a wrong token.
 * @throws RangeError for a `ttlS` that is no positive number.
 */
export function bearerVerifier(options: BearerVerifierOptions): McpTokenVerifier {
  const { verifier, audience, invalidToken, scopes = scopesOf, ttlS = 60, clock = Date } = options;
  if (!(ttlS > 0 && ttlS <= 86_400))
    throw new RangeError(`ttlS must be more than 0 and at most 86,400, got ${ttlS}`);
  if (typeof invalidToken !== "function") throw new TypeError("invalidToken must make the host's error");
  return {
    async verifyAccessToken(token) {
      let principal: Principal;
      try {
        principal = await verifier.verify(token, audience);
      } catch (error) {
        if (SymbiontError.is(error) && retryStatus(error) === undefined)
          throw invalidToken("the token is not valid");
        throw error;
      }
      return {
        token,
        clientId: `${principal.kind}:${principal.id}`,
        scopes: [...scopes(principal)],
        expiresAt: Math.floor(clock.now() / 1000) + Math.ceil(ttlS),
        ...(URL.canParse(audience) ? { resource: new URL(audience) } : {}),
        extra: { principal },
      };
    },
  };
}

/** Who made a request that {@link bearerVerifier} has let in. @throws TypeError for what it has not. */
export function principalOf(authInfo: { readonly extra?: Record<string, unknown> } | undefined): Principal {
  const principal = authInfo?.extra?.["principal"];
  if (typeof principal === "object" && principal !== null && "id" in principal) return principal as Principal;
  throw new TypeError("the request was not let in by this verifier");
}

function scopesOf({ roles = [], attributes }: Principal): readonly string[] {
  const scopes = attributes?.["scopes"];
  if (!Array.isArray(scopes)) return roles;
  return (scopes as readonly unknown[]).filter((scope): scope is string => typeof scope === "string");
}
