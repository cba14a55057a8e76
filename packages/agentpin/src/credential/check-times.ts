import { type Refusal, refuse } from "../refusal.ts";
import type { CredentialClaims } from "./credential-claims.ts";

/** What times a credential may have, in seconds. */
export interface TimeRules {
  readonly clockSkewSeconds: number;
  readonly maxLifetimeSeconds: number;
}

/**
 * Step 2: a credential counts while `exp > now - skew`, once `iat` and `nbf` have come. Comparisons are written so that
 * a clock that gives NaN refuses.
 * @param now seconds since the epoch.
 */
export function checkTimes(
  { iat, exp, nbf }: CredentialClaims,
  now: number,
  { clockSkewSeconds: skew, maxLifetimeSeconds }: TimeRules,
): Refusal | undefined {
  if (!(exp > now - skew)) return refuse(2, "CREDENTIAL_EXPIRED", "expired");
  if (!(iat <= now + skew) || (nbf !== undefined && !(nbf <= now + skew)))
    return refuse(2, "CREDENTIAL_EXPIRED", "not_yet_valid", true);
  if (!(exp > iat) || !(exp - iat <= maxLifetimeSeconds)) return refuse(2, "CREDENTIAL_EXPIRED", "lifetime");
  return undefined;
}
