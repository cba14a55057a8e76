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
}

const MAX_SEEN_KEYS = 1_000;

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
  get askableDiscovery(): { readonly document: DiscoveryDocument; readonly validator: Validator } | undefined {
    const { document, validator } = this.#discovery ?? {};
    return document === undefined || validator === undefined ? undefined : { document, validator };
  }

  /** The last revocation document that was taken in, likewise. */
  get askableRevocation(): { readonly document: RevocationDocument; readonly validator: Validator } | undefined {
    const { document, validator } = this.#revocation ?? {};
    if (document === undefined || isRefusal(document) || validator === undefined) return undefined;
    return { document, validator };
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

  /** Ends the use of both documents; what was remembered stays. */
  expire(): void {
    if (this.#discovery !== undefined)
      this.#discovery = { ...this.#discovery, until: Number.NEGATIVE_INFINITY };
    if (this.#revocation !== undefined)
      this.#revocation = { ...this.#revocation, until: Number.NEGATIVE_INFINITY };
  }

  #combine(): void {
    if (this.#discovery === undefined || this.#revocation === undefined) return;
    const { discovery, revocation } = this.#combined ?? {};
    // The very same object, so that what rests on it stands: from two documents nothing new can follow.
    if (discovery === this.#discovery.document && revocation === this.#revocation.document) return;
    this.#combined = combineDocuments(this.#discovery.document, this.#revocation.document, this.#revoked);
    for (const thumbprint of this.#combined.revokedThumbprints) this.#revoked.add(thumbprint);
  }
}
