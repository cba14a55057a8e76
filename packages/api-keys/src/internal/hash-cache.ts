import { nodeCrypto } from "./node-modules.ts";
import { TokenHmac } from "./token-hmac.ts";

/** The outcome of one hash, and of which state of which record it is the outcome. */
export interface HashOutcome {
  readonly keyId: string;
  readonly version: number;
  readonly keyHash: string;
  readonly matches: boolean;
}

interface Entry extends HashOutcome {
  readonly expiresAt: number;
}

const POSITIVE_ENTRIES = 10_000;
const NEGATIVE_ENTRIES = 1_000;
const NEGATIVE_TTL_MS = 10_000;

/**
 * Remembers outcomes of slow hashes, never decisions: whoever uses it has loaded the record and judged it. Tokens
 * are kept as tags under a key of this process.
 */
export class HashCache {
  readonly #key = new TokenHmac(nodeCrypto().randomBytes(32));
  readonly #positive = new Map<string, Entry>();
  readonly #negative = new Map<string, Entry>();
  readonly #ttlMs: number;

  /** @param ttlMs of an outcome that matched; 0 remembers none. */
  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  /** Stands for a token; not printable. */
  digest(token: string): string {
    return this.#key.tag(token);
  }

  get(digest: string, now: number): HashOutcome | undefined {
    return take(this.#positive, digest, now) ?? take(this.#negative, digest, now);
  }

  set(digest: string, outcome: HashOutcome, now: number): void {
    const ttlMs = outcome.matches ? this.#ttlMs : Math.min(this.#ttlMs, NEGATIVE_TTL_MS);
    if (ttlMs === 0) return;
    // An outcome for an older state of the record would hide this one, and the youngest stands last.
    this.#positive.delete(digest);
    this.#negative.delete(digest);
    const entries = outcome.matches ? this.#positive : this.#negative;
    entries.set(digest, { ...outcome, expiresAt: now + ttlMs });
    if (entries.size <= (outcome.matches ? POSITIVE_ENTRIES : NEGATIVE_ENTRIES)) return;
    for (const oldest of entries.keys()) {
      entries.delete(oldest);
      break;
    }
  }
}

/** Maps keep the order of insertion: putting an entry back makes it the youngest. */
function take(entries: Map<string, Entry>, digest: string, now: number): Entry | undefined {
  const entry = entries.get(digest);
  if (entry === undefined) return undefined;
  entries.delete(digest);
  if (now >= entry.expiresAt) return undefined;
  entries.set(digest, entry);
  return entry;
}
