import { randomBase62 } from "./internal/base62.ts";
import { nodeCrypto } from "./internal/node-modules.ts";
import type { Verifications, VerifyKeyOptions } from "./internal/verifications.ts";
import { MemoryTicketStore } from "./memory-ticket-store.ts";
import { checkedCount } from "./options.ts";
import type { TicketStore } from "./ticket-store.ts";
import { checkGenuine, type VerifiedKey } from "./verified-key.ts";

const TICKET_LENGTH = 43;
const TICKET = /^[0-9A-Za-z]{43}$/;
const DEFAULT_TTL_MS = 30_000;
const MAX_ORIGIN_LENGTH = 256;

/** How tickets are kept. */
export interface ConnectionTicketsOptions {
  /** Default one in memory: then the process that issues a ticket must be the one that redeems it. */
  readonly store?: TicketStore;
  /** How long a ticket may be redeemed, in milliseconds. Default 30 seconds. */
  readonly ttlMs?: number;
}

/** Where a ticket comes from and where it is redeemed: both must be the same. */
export interface TicketOrigin {
  /** The request's `Origin` header; null when it has none, as with callers that are no browsers. */
  readonly origin: string | null;
}

/** What a redeemed ticket must be good for, and where it was presented. */
export interface RedeemOptions extends TicketOrigin, VerifyKeyOptions {}

/** A ticket for one connection. */
export interface IssuedTicket {
  /** 43 of `0-9A-Za-z`, random. May stand in a URL: it is worth nothing once it was used. */
  readonly ticket: string;
  /** Milliseconds until it is worth nothing anyway. */
  readonly ttlMs: number;
}

/**
 * Trades verified keys for tickets: 256 random bits, good once, for seconds, from one origin, and only as long as the
 * key stays as it is. A ticket gives no right of its own: redeeming it reads the key's record.
 */
export class ConnectionTickets {
  readonly #verifications: Verifications;
  readonly #store: TicketStore;
  readonly #ttlMs: number;

  /** @throws RangeError */
  constructor(verifications: Verifications, options: ConnectionTicketsOptions) {
    this.#verifications = verifications;
    this.#store = options.store ?? new MemoryTicketStore();
    this.#ttlMs = checkedCount("ttlMs", options.ttlMs ?? DEFAULT_TTL_MS, 1);
  }

  /**
   * Makes a ticket for a key that was just verified. Limit how often one caller may ask.
   * @throws ApiKeyError `API_KEY_BUSY` when too many wait, and those of the store.
   * @throws TypeError for a key that was not verified here, or an origin that is neither text nor null.
   */
  async issue(key: VerifiedKey, from: TicketOrigin): Promise<IssuedTicket> {
    checkGenuine(key, this.#verifications);
    const { keyId, version } = key;
    const origin = checkedOrigin(from.origin);
    const ticket = randomBase62(TICKET_LENGTH);
    await this.#store.put(idOf(ticket), { keyId, version, origin }, this.#ttlMs);
    return { ticket, ttlMs: this.#ttlMs };
  }

  /**
   * Takes a ticket, which is worth nothing from then on, whatever comes of it, and verifies the key behind it.
   * @throws ApiKeyError as `ApiKeys.verify`.
   * @throws TypeError when a requirement or the origin is there but undefined or of the wrong type.
   */
  async redeem(ticket: string, options: RedeemOptions): Promise<VerifiedKey> {
    const origin = checkedOrigin(options.origin);
    return this.#verifications.redeem(async () => {
      const found = TICKET.test(ticket) ? await this.#store.take(idOf(ticket)) : undefined;
      if (found === undefined) return { reason: "ticket_unknown" };
      return found.origin === origin ? found : { reason: "ticket_origin", keyId: found.keyId };
    }, options);
  }
}

function idOf(ticket: string): string {
  return nodeCrypto().hash("sha256", ticket, "hex");
}

/** @throws TypeError: an origin that got lost must not turn into "no origin". */
function checkedOrigin(origin: string | null): string | null {
  if (origin === null || (typeof origin === "string" && origin.length <= MAX_ORIGIN_LENGTH)) return origin;
  throw new TypeError(`origin must be text of at most ${MAX_ORIGIN_LENGTH} characters, or null`);
}
