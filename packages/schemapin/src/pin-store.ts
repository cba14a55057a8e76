import { isWellFormed } from "@symbiont/kit";

/** What a pin is about. The parts are kept apart, so that no name can pretend to be another's. */
export interface PinId {
  readonly kind: "tool" | "skill" | "bundle";
  /** Letter case does not count. */
  readonly domain: string;
  readonly subject: string;
}

/** What was seen, and is expected again. */
export interface Pin {
  /** Fingerprint of the key that may sign, `sha256:<hex>`; absent for something unsigned that was approved. */
  readonly fingerprint?: string;
  /** `sha256:<hex>` of the canonical definition that was approved. */
  readonly digest?: string;
  /** The canonical definition itself, so that a change can be shown; absent when it is long. */
  readonly definition?: string;
  /** Epoch milliseconds. */
  readonly firstSeen: number;
  /** Epoch milliseconds, to the day; absent: not since `firstSeen`. */
  readonly lastSeen?: number;
  /** `tofu`: trusted when first seen. `verified`: a person decided. `provisioned`: put there by the operator. */
  readonly trust: "tofu" | "verified" | "provisioned";
  /** Who approved what is pinned now. */
  readonly approvedBy?: string;
  /** When the newest statement was issued, in epoch milliseconds: an older one is a rollback. */
  readonly issuedAt?: number;
  /** What was pinned before, the newest last; at most 16. */
  readonly previous?: readonly RetiredPin[];
}

/** What a pin held before it was changed. */
export interface RetiredPin {
  readonly fingerprint?: string;
  readonly digest?: string;
  /** Epoch milliseconds. */
  readonly retiredAt: number;
}

/** A pin and what it is about. */
export interface StoredPin {
  readonly id: PinId;
  readonly pin: Pin;
}

/** Where pins live. A store that cannot be read throws; it never looks empty. */
export interface PinStore {
  get(id: PinId): Promise<Pin | undefined>;
  /** Reads many at once, in the order asked for; without it they are read one by one. */
  getAll?(ids: readonly PinId[]): Promise<readonly (Pin | undefined)[]>;
  /** Stores all of them, or none. */
  put(pins: readonly StoredPin[]): Promise<void>;
}

/** A store that an operator can look into. */
export interface ManagedPinStore extends PinStore {
  /** Every pin, in no order. */
  list(): Promise<readonly StoredPin[]>;
  /** Forgets pins, all or none of them; what is not there is passed over. */
  remove(ids: readonly PinId[]): Promise<void>;
}

/** The unambiguous key of a pin. @throws TypeError when a part is not well-formed Unicode: it could not be read back. */
export function pinKey({ kind, domain, subject }: PinId): string {
  if (!isWellFormed(domain) || !isWellFormed(subject)) {
    throw new TypeError("domain and subject of a pin must be well-formed text");
  }
  return JSON.stringify([kind, domain.toLowerCase(), subject]);
}

/** Reads many pins, at once where the store can. */
export async function readPins(
  store: PinStore,
  ids: readonly PinId[],
): Promise<readonly (Pin | undefined)[]> {
  if (store.getAll !== undefined) return store.getAll(ids);
  return Promise.all(ids.map(async (id) => store.get(id)));
}
