import type { PublicKey } from "@symbiont/keys";
import type { DiscoveryDocument } from "../documents/discovery-document.ts";
import { type Refusal, refuse } from "../refusal.ts";

/** Reason of a refusal because the document has no key of that id. */
export const UNKNOWN_KID = "kid_unknown";

/** A key that may verify now. */
export interface UsableKey {
  readonly key: PublicKey;
  readonly thumbprint: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/** Step 4: the key that a credential names. */
export function findKey(
  { keys }: DiscoveryDocument,
  kid: string,
  now: number,
  clockSkewSeconds: number,
): UsableKey | Refusal {
  const found = keys.get(kid);
  if (found === undefined) return refuse(4, "KEY_NOT_FOUND", UNKNOWN_KID);
  const { key, thumbprint, expiresAt = Number.POSITIVE_INFINITY } = found;
  if (!(expiresAt > now - clockSkewSeconds)) return refuse(4, "KEY_EXPIRED", "key_expired");
  if (typeof key === "string" || thumbprint === undefined)
    return refuse(4, "KEY_NOT_FOUND", typeof key === "string" ? key : "key_invalid");
  return { key, thumbprint, expiresAt };
}
