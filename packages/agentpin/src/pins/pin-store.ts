/** How a key came to be pinned: when it was first seen, by a person who compared it, or by the operator. */
export type PinTrust = "tofu" | "verified" | "pinned";

/** A key that may sign for a domain. */
export interface PinnedKey {
  /** The id it had when it was pinned; identity is the thumbprint. */
  readonly kid: string;
  /** Lower-case hexadecimal RFC 7638 digest. */
  readonly thumbprint: string;
  /** Epoch milliseconds. */
  readonly firstSeen: number;
  /** Epoch milliseconds, exact to a day. */
  readonly lastSeen: number;
  readonly trust: PinTrust;
}

/** The pins of one domain. Immutable. */
export interface DomainPins {
  readonly domain: string;
  readonly keys: readonly PinnedKey[];
}

/** Where pins live. A store that cannot be read throws; it never looks empty. */
export interface PinStore {
  /** The pins of a domain: the very same object for as long as nothing has changed. */
  get(domain: string): DomainPins | undefined | Promise<DomainPins | undefined>;
  /**
   * Changes the pins of a domain, atomically: of two changes at once, one sees what the other did.
   * @param change what stands there afterwards: the same object for no change, undefined for no pins. It may be called
   * several times, and what it throws is thrown.
   */
  update(
    domain: string,
    change: (current: DomainPins | undefined) => DomainPins | undefined,
  ): void | Promise<void>;
}

/** A store that an operator can look into. */
export interface ManagedPinStore extends PinStore {
  /** The pins of every domain, in no order. */
  list(): readonly DomainPins[] | Promise<readonly DomainPins[]>;
}
