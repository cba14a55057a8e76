/** What a pin is about. The parts are kept apart, so that no name can pretend to be another's. */
export interface PinId {
  readonly kind: "tool" | "skill" | "bundle";
  readonly domain: string;
  readonly subject: string;
}

/** What was seen, and is expected again. */
export interface Pin {
  /** Fingerprint of the key that may sign, `sha256:<hex>`; absent for something unsigned that was approved. */
  readonly fingerprint?: string;
  /** `sha256:<hex>` of the canonical definition that was approved. */
  readonly digest?: string;
  /** Epoch milliseconds. */
  readonly firstSeen: number;
  /** `tofu`: trusted when first seen. `provisioned`: put there by the operator. */
  readonly trust: "tofu" | "provisioned";
}

/** Where pins live. A store that cannot be read throws; it never looks empty. */
export interface PinStore {
  get(id: PinId): Promise<Pin | undefined>;
  /** Stores all of them, or none. */
  put(pins: readonly { readonly id: PinId; readonly pin: Pin }[]): Promise<void>;
}

/** The unambiguous key of a pin. */
export function pinKey({ kind, domain, subject }: PinId): string {
  return JSON.stringify([kind, domain, subject]);
}
