import type { SecretStoreOptions } from "../create-secret-store.ts";
import type { Argon2Cost } from "../internal/argon2id.ts";
import { checkedClock } from "../internal/checked-clock.ts";
import type { KeyProvider } from "../key-provider.ts";
import { checkedCost } from "./internal/format/kdf.ts";

/** How a secret file is opened. */
export interface SecretFileOptions extends SecretStoreOptions {
  /**
   * Where keys come from, at least one. All are asked when the store is opened; one that fits is enough. One that
   * cannot be asked right now is passed over if another opens the store; any other failure of one is a failure.
   */
  readonly keyProviders: readonly KeyProvider[];
  /** Remembers the highest generation outside the file. Default nobody: a restart forgets. */
  readonly witness?: GenerationWitness;
  /** How long the file may go without a look whether it has changed, in milliseconds. Default 0: every access looks. */
  readonly cacheCheckMs?: number;
  /**
   * After how many milliseconds without an access the root key is zeroed. The next access asks the providers again;
   * handles that were given out before are closed. Default never.
   */
  readonly idleWipeMs?: number;
  /** How many older generations to keep beside the file, 0 to 100. Default 0. */
  readonly backups?: number;
  /** What the slots of passphrases made here cost. Default 64 MiB, 3 passes, 1 lane; at least 19 MiB and 2 passes. */
  readonly argon2?: Argon2Cost;
  /** Stops `create` and `open`. */
  readonly signal?: AbortSignal;
}

/**
 * Told of every generation that is read or written, once per process. Keeps the highest it was told for a store,
 * somewhere that whoever restores old files does not reach, and answers whether this one is at least as high.
 * False fails the access with `SECRET_ROLLED_BACK`, a rejection with `SECRET_UNAVAILABLE`.
 */
export type GenerationWitness = (seen: StoreGeneration) => boolean | Promise<boolean>;

/** One write in the life of a store. */
export interface StoreGeneration {
  /** Id of the store, 32 hex digits. */
  readonly storeId: string;
  /** Counts up from 1 with every write. */
  readonly generation: number;
}

/** How a slot is added. */
export interface AddSlotOptions {
  /** Name of the slot, 1 to 128 bytes, readable for everybody who has the file. Default the id of the provider. */
  readonly label?: string;
  readonly signal?: AbortSignal;
}

/** How the root key is replaced. */
export interface RotateRootKeyOptions {
  /** Ids of slots to give up. All others must open with a provider of this store. Default none. */
  readonly dropSlots?: readonly string[];
  readonly signal?: AbortSignal;
}

/** The options of a store, checked, with their defaults. */
export interface CheckedOptions {
  readonly keyProviders: readonly KeyProvider[];
  readonly witness: GenerationWitness | undefined;
  readonly cacheCheckMs: number;
  readonly idleWipeMs: number | undefined;
  readonly backups: number;
  readonly argon2: Argon2Cost;
  readonly now: () => number;
}

const DEFAULT_COST: Argon2Cost = { memoryKiB: 65_536, passes: 3, lanes: 1 };
const MAX_BACKUPS = 100;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @throws TypeError or RangeError for a wrong option. */
export function checkedOptions(options: SecretFileOptions): CheckedOptions {
  const { keyProviders, witness, cacheCheckMs = 0, idleWipeMs, backups = 0 } = options;
  if (!Array.isArray(keyProviders) || keyProviders.length === 0)
    throw new TypeError("keyProviders must hold at least one key provider");
  for (const provider of keyProviders as readonly KeyProvider[]) checkedProvider(provider);
  if (witness !== undefined && typeof witness !== "function")
    throw new TypeError("witness must be a function");
  checkedRange("cacheCheckMs", cacheCheckMs, 0);
  if (idleWipeMs !== undefined) checkedRange("idleWipeMs", idleWipeMs, 1);
  if (!Number.isInteger(backups) || backups < 0 || backups > MAX_BACKUPS)
    throw new RangeError(`backups must be a whole number from 0 to ${MAX_BACKUPS}`);
  return {
    keyProviders: [...(keyProviders as readonly KeyProvider[])],
    witness,
    cacheCheckMs,
    idleWipeMs,
    backups,
    argon2: checkedCost(options.argon2 ?? DEFAULT_COST),
    now: checkedClock(options.now),
  };
}

/** @throws TypeError for something that is no key provider. */
export function checkedProvider(provider: KeyProvider): KeyProvider {
  const shaped =
    typeof provider === "object" &&
    provider !== null &&
    typeof provider.id === "string" &&
    provider.id !== "";
  if (!shaped || (provider.type !== "local" && provider.type !== "wrapping"))
    throw new TypeError("a key provider must have a type and an id");
  return provider;
}

function checkedRange(name: string, value: number, least: number): void {
  if (typeof value !== "number" || !(value >= least) || value > LONGEST_TIMER_MS)
    throw new RangeError(`${name} must be a number of milliseconds from ${least} to ${LONGEST_TIMER_MS}`);
}
