import { type JwtRules, jwtPreset } from "../../jwt/jwt-preset.ts";
import type { WebhookPreset } from "../../preset.ts";

/** Options of {@link jwt}. */
export interface JwtOptions extends Omit<JwtRules, "header" | "authScheme"> {
  /** Header, in lower case, that holds the token. Default `authorization`. */
  readonly header?: string;
  /** Authentication scheme in front of the token, `null` when it stands alone. Default `Bearer`. */
  readonly authScheme?: string | null;
}

/** A JSON Web Token by rules of one's own. Vouches for the body only with `bodyHashClaim`. */
export const jwt: WebhookPreset<JwtOptions> = jwtPreset({
  name: "jwt",
  documentation: "https://www.rfc-editor.org/rfc/rfc8725",
  bodyBound: false,
  rules: ({ header = "authorization", authScheme = "Bearer", ...rules }: JwtOptions) => ({
    ...rules,
    header,
    ...(authScheme === null ? {} : { authScheme }),
  }),
});
