import { AgentPinError } from "../agentpin-error.ts";
import { checkDns } from "../dns/check-dns.ts";
import { type DiscoveryDocument, parseDiscoveryDocument } from "../documents/discovery-document.ts";
import type { DocumentSource, LookUpOptions } from "../documents/document-source.ts";
import type { IssuerDocuments } from "../documents/issuer-documents.ts";
import { type Refusal, refusalOf, refuse } from "../refusal.ts";
import { parseRevocationDocument } from "../revocation/revocation-document.ts";
import { ask } from "./ask-again.ts";
import {
  type DocumentCacheOptions,
  type DocumentCacheSettings,
  readDocumentCacheOptions,
} from "./document-cache-options.ts";
import { KnownIssuer } from "./known-issuer.ts";
import { LookUpBudget } from "./look-up-budget.ts";

/**
 * Looks issuers up and keeps what it finds for as long as it may be used: an hour for keys and agents unless their
 * source says otherwise, five minutes at most for what was revoked. Look-ups of one issuer that come at the same time
 * share one. What was seen to be revoked stays so, and documents older than one seen before are refused.
 */
export class DocumentCache implements DocumentSource {
  readonly #settings: DocumentCacheSettings;
  readonly #known = new Map<string, KnownIssuer>();
  readonly #budget: LookUpBudget;
  #running = 0;

  /** @throws TypeError or RangeError naming the option. */
  constructor(options: DocumentCacheOptions) {
    this.#settings = readDocumentCacheOptions(options);
    this.#budget = new LookUpBudget(this.#settings.newIssuersPerMinute);
  }

  peek(issuer: string): IssuerDocuments | undefined {
    return this.#known.get(issuer)?.fresh(this.#now());
  }

  async lookUp(
    issuer: string,
    { refresh = false, caller }: LookUpOptions = {},
  ): Promise<IssuerDocuments | Refusal> {
    const now = this.#now();
    const known = this.#known.get(issuer) ?? new KnownIssuer();
    if (known.loading !== undefined) return known.loading;
    const fresh = known.fresh(now);
    if (fresh !== undefined) {
      this.#used(issuer, known);
      if (!refresh || !this.#mayRefresh(known, now)) return fresh;
      known.refreshedAt = now;
    }
    if (this.#running >= this.#settings.maxConcurrent)
      return refuse(3, "DISCOVERY_FETCH_FAILED", "too_many_lookups", true);
    if (!known.isKnown && caller !== undefined && !this.#budget.take(caller, now))
      return refuse(3, "DISCOVERY_FETCH_FAILED", "look_up_budget", true);
    this.#running += 1;
    known.loading = this.#load(issuer, known, now, refresh).finally(() => {
      this.#running -= 1;
      known.loading = undefined;
      // A name that is only made up pushes out nobody.
      if (known.isKnown) this.#makeRoom(issuer);
      else this.#known.delete(issuer);
    });
    this.#used(issuer, known);
    return known.loading;
  }

  /** Has an issuer's documents fetched again before they are used again: for an emergency that one hears of otherwise. */
  invalidate(issuer: string): void {
    this.#known.get(issuer)?.expire();
  }

  async #load(
    issuer: string,
    known: KnownIssuer,
    now: number,
    refresh: boolean,
  ): Promise<IssuerDocuments | Refusal> {
    const { maxStaleSeconds } = this.#settings;
    try {
      const discovery =
        (refresh ? undefined : known.discovery(now)) ?? (await this.#fetchDiscovery(issuer, known, now));
      await this.#fetchRevocation(issuer, discovery, known, now);
    } catch (error) {
      const refusal = refusalOf(error, 3);
      // What cannot be reached may be used on for a while; what was answered wrongly may not.
      const stale = refusal.retryable ? known.discovery(now, maxStaleSeconds) : undefined;
      if (stale === undefined) return refusal;
      await this.#fetchRevocation(issuer, stale, known, now);
      const current = known.current();
      if (current !== undefined && known.discovery(now) === undefined) return { ...current, isStale: true };
    }
    return known.current() ?? refuse(3, "DISCOVERY_FETCH_FAILED", "unavailable", true);
  }

  async #fetchDiscovery(issuer: string, known: KnownIssuer, now: number): Promise<DiscoveryDocument> {
    const { resolver, dns, discoveryAgeSeconds, minDiscoveryAgeSeconds, maxDiscoveryAgeSeconds } =
      this.#settings;
    const {
      document: discovery,
      validator,
      maxAgeSeconds = discoveryAgeSeconds,
    } = await ask(
      known.askableDiscovery(now),
      async (etag) => resolver.fetchDiscovery(issuer, etag),
      (document) => parseDiscoveryDocument(document, issuer),
      now,
    );
    // Before it is known: what DNS does not confirm must not be there to be used on.
    await checkDns(issuer, discovery, dns);
    const age = Math.min(Math.max(maxAgeSeconds, minDiscoveryAgeSeconds), maxDiscoveryAgeSeconds);
    const rolledBack = known.setDiscovery(discovery, { from: now, until: now + age }, validator);
    if (rolledBack !== undefined)
      throw new AgentPinError(
        rolledBack.code,
        "discovery document is older than one seen before",
        rolledBack,
      );
    return discovery;
  }

  /** Never fails: that the list cannot be had is what is then known, for this one time. */
  async #fetchRevocation(
    issuer: string,
    { revocationEndpoint }: DiscoveryDocument,
    known: KnownIssuer,
    now: number,
  ): Promise<void> {
    const { resolver, maxRevocationAgeSeconds } = this.#settings;
    try {
      const {
        document,
        validator,
        maxAgeSeconds = maxRevocationAgeSeconds,
      } = await ask(
        known.askableRevocation(revocationEndpoint, now),
        async (etag) => resolver.fetchRevocation(issuer, revocationEndpoint, etag),
        (fetched) => parseRevocationDocument(fetched, issuer),
        now,
      );
      const age = Math.min(maxAgeSeconds, maxRevocationAgeSeconds);
      known.setRevocation(document, { from: now, until: now + age }, validator);
      known.revocationEndpoint = revocationEndpoint;
    } catch (error) {
      const { reason, retryable } = refusalOf(error, 6);
      const refusal = refuse(6, "DISCOVERY_FETCH_FAILED", revocationReason(reason), retryable);
      known.setRevocation(refusal, { from: now, until: now });
    }
  }

  #mayRefresh({ refreshedAt }: KnownIssuer, now: number): boolean {
    return !(Math.abs(now - refreshedAt) < this.#settings.refreshCooldownSeconds);
  }

  /** Moved to the end: the first is the one that was not looked up for the longest time. */
  #used(issuer: string, known: KnownIssuer): void {
    this.#known.delete(issuer);
    this.#known.set(issuer, known);
  }

  #makeRoom(newest: string): void {
    if (this.#known.size <= this.#settings.maxIssuers) return;
    for (const [name, { loading }] of this.#known) {
      if (loading !== undefined || name === newest) continue;
      this.#known.delete(name);
      return;
    }
  }

  #now(): number {
    return this.#settings.clock.now() / 1000;
  }
}

/** Tells apart what was wrong with the list and what kept it from being had. */
function revocationReason(reason: string): string {
  return reason.startsWith("revocation_") ? reason : "revocation_unavailable";
}
