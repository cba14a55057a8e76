import { type Refusal, refuse } from "../refusal.ts";

/** Step 12: whom the credential is for. */
export function checkAudience(
  aud: string | undefined,
  accepted: readonly string[] | false,
  allowWildcard: boolean,
): Refusal | undefined {
  if (accepted === false) return undefined;
  if (aud === undefined) return refuse(12, "AUDIENCE_MISMATCH", "audience_missing");
  if (aud === "*") return allowWildcard ? undefined : refuse(12, "AUDIENCE_MISMATCH", "audience_wildcard");
  return accepted.includes(aud) ? undefined : refuse(12, "AUDIENCE_MISMATCH", "audience_mismatch");
}
