import type { CredentialClaims } from "../credential/credential-claims.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import type { DomainPins } from "../pins/pin-store.ts";
import type { VerifiedCredential } from "./verification.ts";

/** A success, and everything that must be unchanged for it to count again. */
export interface CachedResult {
  readonly result: VerifiedCredential;
  /** Documents by the domain they are of, the issuer's first: the very objects that were judged. */
  readonly documents: readonly (readonly [domain: string, documents: IssuerDocuments])[];
  readonly pins: DomainPins | undefined;
  /** Seconds since the epoch, between which it counts: `notBefore` itself included, `until` not. */
  readonly notBefore: number;
  readonly until: number;
}

/**
 * Remembers successes by the whole text of the token. Nothing else is remembered, so that a failure never sticks, and
 * an entry is only as good as the documents and pins that are known at the moment.
 */
export class ResultCache {
  readonly #entries = new Map<string, CachedResult>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(token: string): CachedResult | undefined {
    return this.#entries.get(token);
  }

  set(token: string, entry: CachedResult): void {
    if (this.#capacity === 0) return;
    this.#entries.delete(token);
    if (this.#entries.size >= this.#capacity)
      this.#entries.delete(this.#entries.keys().next().value as string);
    this.#entries.set(token, entry);
  }

  delete(token: string): void {
    this.#entries.delete(token);
  }
}

/** When a credential begins and ends to count, by its own claims and its key's expiry. */
export function lifeOf(
  { iat, nbf, exp }: CredentialClaims,
  keyExpiresAt: number,
  skew: number,
): Pick<CachedResult, "notBefore" | "until"> {
  return { notBefore: Math.max(iat, nbf ?? iat) - skew, until: Math.min(exp, keyExpiresAt) + skew };
}
