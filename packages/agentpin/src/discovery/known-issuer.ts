import type { DiscoveryDocument } from "../documents/discovery-document.ts";
import { combineDocuments, type IssuerDocuments } from "../documents/issuer-documents.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import type { RevocationDocument } from "../revocation/revocation-document.ts";

/** Seconds since the epoch between which something counts. A clock that was set back ends it early. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** A document that was taken in, and how its source is asked whether it is still that. */
export interface Validator {
  readonly etag: string;
  /** How long the source let it be used, in seconds. */
  readonly maxAgeSeconds: number | undefined;
  /** When the document was last fetched in full, in seconds since the epoch. */
  readonly fetchedAt: number;
}

/** A document that is known, and may be asked for by its etag. */
export interface Askable<Document> {
  readonly document: Document;
  readonly validator: Validator;
}

const MAX_SEEN_KEYS = 1_000;
const MAX_REVOKED_KEYS = 10_000;
/**
 * How long an etag is asked by before a document is fetched in full again: whoever served a forged one under the honest
 * etag would otherwise have it confirmed by the honest source for ever.
 */
const DISCOVERY_CONFIRMED_SECONDS = 86_400;
const REVOCATION_CONFIRMED_SECONDS = 3_600;

/** Tells whether a span holds now. */
export function holds({ from, until }: Span, now: number): boolean {
  return now >= from && now < until;
}

/**
 * What is known about one issuer. Remembers beyond its documents: which key stood under which id, which keys were
 * revoked, and how new the newest documents were.
 */
export class KnownIssuer {
  #discovery: (Span & { readonly document: DiscoveryDocument; readonly validator?: Validator }) | undefined;
  #revocation:
    | (Span & { readonly document: RevocationDocument | Refusal; readonly validator?: Validator })
    | undefined;
  #combined: IssuerDocuments | undefined;
  /** Thumbprints by key id, of every key that was ever published. */
  readonly #seen = new Map<string, Set<string>>();
  #seenCount = 0;
  readonly #revoked = new Set<string>();
  #newestDiscovery = Number.NEGATIVE_INFINITY;
  #newestRevocation = Number.NEGATIVE_INFINITY;
  /** When a look-up because of an unknown key was last made. */
  refreshedAt: number = Number.NEGATIVE_INFINITY;
  /** Where the revocation document was found that was taken in last. */
  revocationEndpoint: string | undefined;
  loading: Promise<IssuerDocuments | Refusal> | undefined;

  /** Whether there ever was a discovery document. */
  get isKnown(): boolean {
    return this.#discovery !== undefined;
  }

  /** The last discovery document that was taken in, if its source can be asked whether it is unchanged. */
  askableDiscovery(now: number): Askable<DiscoveryDocument> | undefined {
    const { document, validator } = this.#discovery ?? {};
    if (document === undefined || !mayAsk(validator, now, DISCOVERY_CONFIRMED_SECONDS)) return undefined;
    return { document, validator };
  }

  /** The last revocation document that was taken in, likewise, if it was found at this address. */
  askableRevocation(endpoint: string | undefined, now: number): Askable<RevocationDocument> | undefined {
    const { document, validator } = this.#revocation ?? {};
    if (document === undefined || isRefusal(document) || endpoint !== this.revocationEndpoint)
      return undefined;
    return mayAsk(validator, now, REVOCATION_CONFIRMED_SECONDS) ? { document, validator } : undefined;
  }

  /** The documents, while both count. */
  fresh(now: number): IssuerDocuments | undefined {
    if (this.#discovery === undefined || this.#revocation === undefined) return undefined;
    return holds(this.#discovery, now) && holds(this.#revocation, now) ? this.#combined : undefined;
  }

  /** The discovery document, while it counts; with `staleSeconds` also for that long afterwards. */
  discovery(now: number, staleSeconds = 0): DiscoveryDocument | undefined {
    const known = this.#discovery;
    if (known === undefined) return undefined;
    return holds({ from: known.from, until: known.until + staleSeconds }, now) ? known.document : undefined;
  }

  /** Takes a discovery document in, unless a newer one was seen. */
  setDiscovery(document: DiscoveryDocument, span: Span, validator?: Validator): Refusal | undefined {
    if (document.updatedAt < this.#newestDiscovery) return refuse(3, "DISCOVERY_INVALID", "rollback");
    this.#newestDiscovery = document.updatedAt;
    for (const { kid, thumbprint } of document.keys.values()) {
      const known = this.#seen.get(kid) ?? new Set();
      if (thumbprint === undefined || known.has(thumbprint) || this.#seenCount >= MAX_SEEN_KEYS) continue;
      this.#seenCount += 1;
      this.#seen.set(kid, known.add(thumbprint));
    }
    this.#discovery = { ...span, document, ...(validator === undefined ? {} : { validator }) };
    this.#combine();
    return undefined;
  }

  /**
   * Takes a revocation document in, or that there is none to be had now; one that is older than another seen is none. A
   * list that still counts is not given up for nothing.
   */
  setRevocation(given: RevocationDocument | Refusal, span: Span, validator?: Validator): void {
    let document = given;
    if (!isRefusal(given)) {
      if (given.updatedAt < this.#newestRevocation)
        document = refuse(6, "DISCOVERY_FETCH_FAILED", "revocation_rollback", true);
      else this.#newestRevocation = given.updatedAt;
      // Also an old list says the truth about what it revokes.
      for (const kid of given.keys)
        for (const thumbprint of this.#seen.get(kid) ?? []) this.#revoked.add(thumbprint);
    }
    const known = this.#revocation;
    const keepsKnown = isRefusal(document) && known !== undefined && holds(known, span.from);
    // That there is none is true for this moment only.
    if (!keepsKnown)
      this.#revocation = isRefusal(document)
        ? { ...span, until: span.from, document }
        : { ...span, document, ...(validator === undefined ? {} : { validator }) };
    this.#combine();
  }

  /** The documents as they are, whether they still count or not. */
  current(): IssuerDocuments | undefined {
    return this.#combined;
  }

  /** Ends the use of both documents, also of their etags; what was remembered stays. */
  expire(): void {
    if (this.#discovery !== undefined) this.#discovery = expired(this.#discovery);
    if (this.#revocation !== undefined) this.#revocation = expired(this.#revocation);
  }

  #combine(): void {
    if (this.#discovery === undefined || this.#revocation === undefined) return;
    const known = this.#combined;
    const isSame =
      known?.discovery === this.#discovery.document && known.revocation === this.#revocation.document;
    // The very same object, so that what rests on it stands, unless another list taught us of a revoked key.
    if (isSame && known.revokedThumbprints.size === this.#revoked.size) return;
    this.#combined = combineDocuments(this.#discovery.document, this.#revocation.document, this.#revoked);
    if (this.#revoked.size <= MAX_REVOKED_KEYS)
      for (const thumbprint of this.#combined.revokedThumbprints) this.#revoked.add(thumbprint);
    if (this.#revoked.size <= MAX_REVOKED_KEYS) return;
    // Rather than to forget what was revoked, or to remember without end, nothing counts as not revoked.
    const revocation = refuse(6, "DISCOVERY_FETCH_FAILED", "revocation_overflow");
    this.#combined = { ...this.#combined, revocation };
  }
}

function mayAsk(validator: Validator | undefined, now: number, seconds: number): validator is Validator {
  return validator !== undefined && Math.abs(now - validator.fetchedAt) < seconds;
}

function expired<Held extends Span & { readonly validator?: Validator }>(
  held: Held,
): Omit<Held, "validator"> {
  const { validator: _, ...rest } = held;
  return { ...rest, until: Number.NEGATIVE_INFINITY };
}
