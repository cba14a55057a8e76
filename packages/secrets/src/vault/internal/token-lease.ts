import { encodeUtf8 } from "@symbiont/kit";
import { Secret } from "../../secret.ts";
import { PlainValue } from "../../secret-value.ts";
import type { VaultLease } from "../vault-login.ts";

/** A token that was granted, and until when it is good. Instants are epoch milliseconds. */
export interface TokenLease {
  readonly token: Secret;
  readonly renewable: boolean;
  /** When it is to be renewed or replaced: at two thirds of its life, give or take a tenth. */
  readonly dueAt: number;
  readonly endsAt: number;
  /** How long the first grant was; a renewal that gives far less has met the token's maximum. */
  readonly grantedMs: number;
}

type Terms = Pick<VaultLease, "leaseMs" | "renewable">;

/** The lease of a fresh login. */
export function grantedLease({ token, ...terms }: VaultLease, now: number): TokenLease {
  const secret = new Secret("Vault token", 1, new PlainValue(encodeUtf8(token)));
  return { token: secret, grantedMs: terms.leaseMs, ...timesOf(terms, now) };
}

/** The lease after a renewal; undefined when the token is near the end of all renewals. */
export function renewedLease(lease: TokenLease, terms: Terms, now: number): TokenLease | undefined {
  return terms.leaseMs * 2 < lease.grantedMs ? undefined : { ...lease, ...timesOf(terms, now) };
}

/** The lease of a token that is no longer worth renewing: good for as long as it lasts, to be replaced from then on. */
export function outlivedLease(lease: TokenLease, dueAt: number): TokenLease {
  return { ...lease, renewable: false, dueAt: Math.min(dueAt, lease.endsAt) };
}

function timesOf(
  { leaseMs, renewable }: Terms,
  now: number,
): Pick<TokenLease, "renewable" | "dueAt" | "endsAt"> {
  if (leaseMs === 0)
    return { renewable: false, dueAt: Number.POSITIVE_INFINITY, endsAt: Number.POSITIVE_INFINITY };
  // Many processes that were started together do not renew together.
  const dueAt = now + (leaseMs * 2 * (0.9 + Math.random() * 0.2)) / 3;
  return { renewable, dueAt, endsAt: now + leaseMs };
}
