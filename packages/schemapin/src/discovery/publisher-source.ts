import type { DiscoveryDocument } from "../discovery-document.ts";
import { checkDns } from "../dns/check-dns.ts";
import { SchemaPinError } from "../schemapin-error.ts";
import type { Resolution } from "./document-resolver.ts";
import { domainName } from "./domain-name.ts";
import type { Publisher, PublisherWarning } from "./publisher.ts";
import { type PublisherSourceOptions, readSourceOptions } from "./publisher-source-options.ts";

/** Something that holds for a while. */
interface Timed<T> {
  readonly value: T;
  readonly from: number;
  readonly until: number;
}

interface Known {
  discovery?: Timed<DiscoveryDocument>;
  /** The outcome of the last look-up. */
  outcome?: Timed<Publisher | SchemaPinError>;
  loading?: Promise<Publisher>;
}

const MAX_DOMAINS = 1_000;
const MAX_REVOKED = 10_000;

/**
 * Looks publishers up and keeps what it finds for as long as that may be used: at most an hour for a key, five minutes
 * for its revocation. Look-ups of one domain that come at the same time share one.
 */
export class PublisherSource {
  readonly #options: Required<PublisherSourceOptions>;
  readonly #known = new Map<string, Known>();

  constructor(options: PublisherSourceOptions) {
    this.#options = readSourceOptions(options);
  }

  /**
   * Gives what is known about a domain's publisher. Whether its key is revoked is for the caller to see.
   *
   * @throws SchemaPinError `SCHEMAPIN_DOMAIN_INVALID`; `SCHEMAPIN_DISCOVERY_FETCH_FAILED` when there is no document
   * or it cannot be had; `SCHEMAPIN_REVOCATION_UNAVAILABLE` in strict mode; what reading the documents and the ledger
   * throws, and `checkDns`.
   */
  async publisher(domain: string): Promise<Publisher> {
    // What is known has its one spelling already: reading the name anew would cost more than all else.
    const name = this.#known.has(domain) ? domain : domainName(domain);
    const outcome = this.#known.get(name)?.outcome;
    if (outcome !== undefined && this.#holds(outcome)) {
      if (SchemaPinError.is(outcome.value)) throw outcome.value;
      return outcome.value;
    }
    const known = this.#entry(name);
    known.loading ??= this.#load(name, known).finally(() => {
      delete known.loading;
    });
    return known.loading;
  }

  #entry(name: string): Known {
    const known = this.#known.get(name) ?? {};
    // Moved to the end: the first is the one that was not looked up for the longest time.
    this.#known.delete(name);
    this.#known.set(name, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_DOMAINS && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  async #load(name: string, known: Known): Promise<Publisher> {
    const from = this.#options.clock.now();
    try {
      const { value, until } = await this.#lookUp(name, known, from);
      known.outcome = { value, from, until };
      return value;
    } catch (error) {
      if (SchemaPinError.is(error)) {
        known.outcome = { value: error, from, until: from + this.#options.minAgeMs };
      }
      throw error;
    }
  }

  async #lookUp(name: string, known: Known, now: number): Promise<Pick<Timed<Publisher>, "value" | "until">> {
    const { resolver, mode, dns, maxRevocationAgeMs, minAgeMs } = this.#options;
    const discovery = await this.#discovery(name, known, now);
    const { value: document } = discovery;
    const answer = await resolver.resolveRevocation(name, document);
    if (answer.status === "invalid") throw answer.error;
    const listed =
      answer.status === "ok" ? answer.document : answer.status === "unavailable" ? answer.partial : undefined;
    // Also what an incomplete answer revokes is remembered.
    const revoked = await this.#remember(name, [...document.revokedKeys, ...(listed ?? [])]);
    if (answer.status === "unavailable" && mode === "strict") {
      throw new SchemaPinError(
        "SCHEMAPIN_REVOCATION_UNAVAILABLE",
        "whether the publisher's key is revoked cannot be known now",
        { cause: answer.error, retryable: true },
      );
    }
    await checkDns(name, document.publicKey.fingerprint, dns);
    const stale = discovery.until <= now;
    const warnings: PublisherWarning[] = [...document.warnings];
    if (stale) warnings.push("discovery_stale");
    if (answer.status === "unavailable") warnings.push("revocation_unavailable");
    return {
      value: { domain: name, document, revoked, warnings },
      until: Math.min(
        stale ? now + minAgeMs : discovery.until,
        now + lifetime(statedAgeMs(answer), minAgeMs, maxRevocationAgeMs),
      ),
    };
  }

  /** The document, from memory while it holds; `until` is in the past when it is stale. */
  async #discovery(name: string, known: Known, now: number): Promise<Timed<DiscoveryDocument>> {
    const { resolver, mode, maxDiscoveryAgeMs, minAgeMs, maxStaleMs } = this.#options;
    const previous = known.discovery;
    if (previous !== undefined && this.#holds(previous)) return previous;
    const answer = await resolver.resolveDiscovery(name);
    if (answer.status === "ok") {
      const until = now + lifetime(answer.maxAgeMs ?? 0, minAgeMs, maxDiscoveryAgeMs);
      known.discovery = { value: answer.document, from: now, until };
      return known.discovery;
    }
    if (answer.status === "invalid") throw answer.error;
    const unavailable = answer.status === "unavailable";
    // A document that is gone was taken back: only one that cannot be reached may be used past its time.
    if (unavailable && mode === "permissive" && previous !== undefined) {
      if (now >= previous.from && now < previous.until + maxStaleMs) return previous;
    }
    throw new SchemaPinError(
      "SCHEMAPIN_DISCOVERY_FETCH_FAILED",
      unavailable ? "the discovery document cannot be had now" : "the domain has no discovery document",
      unavailable ? { cause: answer.error, retryable: true } : {},
    );
  }

  async #remember(name: string, listed: readonly string[]): Promise<ReadonlySet<string>> {
    const remembered = await this.#options.ledger.revokedKeys(name);
    const added = new Set(listed.filter((fingerprint) => !remembered.has(fingerprint)));
    if (added.size === 0) return remembered;
    // One publisher must not fill the ledger that all share.
    if (remembered.size + added.size > MAX_REVOKED)
      throw new SchemaPinError("SCHEMAPIN_DISCOVERY_INVALID", "the domain revokes too many keys");
    await this.#options.ledger.addRevokedKeys(name, added);
    return new Set([...remembered, ...added]);
  }

  /** A clock that was set back ends everything early, rather than make it hold for longer. */
  #holds({ from, until }: Timed<unknown>): boolean {
    const now = this.#options.clock.now();
    return now >= from && now < until;
  }
}

function statedAgeMs(answer: Resolution<unknown>): number {
  if (answer.status === "ok") return answer.maxAgeMs ?? 0;
  // That there is no list may be believed for as long as a list.
  return answer.status === "absent" ? Number.POSITIVE_INFINITY : 0;
}

function lifetime(statedMs: number, minMs: number, maxMs: number): number {
  return Math.max(minMs, Math.min(statedMs, maxMs));
}
