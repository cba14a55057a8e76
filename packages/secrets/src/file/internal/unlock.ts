import { encodeHex } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { KeyProvider, KeyRequest, LocalKeyProvider, WrappingKeyProvider } from "../../key-provider.ts";
import { openSlot } from "./crypto/seal-slot.ts";
import type { StoreHeader } from "./format/header.ts";
import { labelOf } from "./format/label.ts";
import { MAX_DERIVATIONS } from "./format/limits.ts";
import { type Slot, slotIdentity } from "./format/slot.ts";
import { LocalKey } from "./local-key.ts";
import { ROOT_KEY_BYTES, RootKey } from "./root-key.ts";

/** A root key and how it was had. */
export interface Unlocked {
  readonly rootKey: RootKey;
  /** Id of the provider that opened a slot first. */
  readonly provider: string;
  readonly slot: Slot;
  /** As {@link slotIdentity} gives it. */
  readonly slotIdentity: string;
}

/** Why a provider did not open the store. */
type Shut = "no key" | "wrong key" | "too many slots";

// Another provider may help out for one that cannot be asked; anything else that is wrong with one must be seen.
const ABSENT: ReadonlySet<string> = new Set(["SECRET_UNAVAILABLE", "SECRET_TIMED_OUT"]);

/** What one opening may still spend on Argon2id. */
interface Budget {
  derivations: number;
}

/**
 * Asks every provider for the root key. Those that have one must agree on it: a slot that leads to another root key
 * was planted.
 * @throws SecretError `SECRET_WRONG_KEY`, `SECRET_KEY_MISSING`, `SECRET_KDF_LIMIT`, `SECRET_TAMPERED`; what a
 * provider throws.
 */
export async function unlock(
  header: StoreHeader,
  providers: readonly KeyProvider[],
  signal: AbortSignal,
): Promise<Unlocked> {
  const request: KeyRequest = { storeId: encodeHex(header.id), signal };
  const budget: Budget = { derivations: MAX_DERIVATIONS };
  const shut = new Set<Shut>();
  let absent: SecretError | undefined;
  let unlocked: Unlocked | undefined;
  try {
    for (const provider of providers) {
      let opened: Unlocked | Shut;
      try {
        opened = await unlockWith(provider, header, { request, budget });
      } catch (error) {
        const reason = providerError(error, provider);
        if (!ABSENT.has(reason.code)) throw reason;
        absent ??= reason;
        continue;
      }
      if (typeof opened === "string") shut.add(opened);
      else if (unlocked === undefined) unlocked = opened;
      else assertSame(unlocked.rootKey, opened.rootKey);
    }
  } catch (error) {
    unlocked?.rootKey.wipe();
    throw error;
  }
  if (unlocked !== undefined) return unlocked;
  throw absent ?? refusal(shut);
}

/** An error of a provider, which should be ours. What it holds otherwise is not known to be free of key material. */
export function providerError(error: unknown, provider: KeyProvider): SecretError {
  if (SecretError.is(error)) return error;
  return new SecretError("SECRET_KEY_INVALID", `key provider ${provider.id} failed in an unexpected way`);
}

/** Opens a root key that a service has wrapped; undefined when the service does not know it. */
export async function unwrap(
  provider: WrappingKeyProvider,
  slot: Slot & { readonly kind: "transit" },
  request: KeyRequest,
): Promise<RootKey | undefined> {
  const bytes = await provider.unwrap(slot.wrapped, request);
  if (bytes === undefined) return undefined;
  if (bytes instanceof Uint8Array && bytes.length === ROOT_KEY_BYTES) return new RootKey(bytes);
  if (bytes instanceof Uint8Array) bytes.fill(0);
  throw new SecretError(
    "SECRET_ANSWER_INVALID",
    `key provider ${provider.id} unwrapped something that is no key`,
  );
}

async function unlockWith(
  provider: KeyProvider,
  header: StoreHeader,
  asked: { readonly request: KeyRequest; readonly budget: Budget },
): Promise<Unlocked | Shut> {
  return provider.type === "local"
    ? unlockLocally(provider, header, asked)
    : unlockRemotely(provider, header, asked.request);
}

async function unlockLocally(
  provider: LocalKeyProvider,
  header: StoreHeader,
  { request, budget }: { readonly request: KeyRequest; readonly budget: Budget },
): Promise<Unlocked | Shut> {
  const key = await LocalKey.load(provider, request);
  if (key === undefined) return "no key";
  try {
    for (const slot of likeliestFirst(header.slots, provider)) {
      if (slot.kind !== key.kind) continue;
      if (slot.kind === "passphrase" && budget.derivations-- <= 0) return "too many slots";
      const slotKey = await key.slotKey(slot);
      try {
        const rootKey = openSlot(slotKey, header.id, slot);
        if (rootKey !== undefined) return opened(new RootKey(rootKey), provider, slot);
      } finally {
        slotKey.fill(0);
      }
    }
  } finally {
    key.dispose();
  }
  return "wrong key";
}

async function unlockRemotely(
  provider: WrappingKeyProvider,
  header: StoreHeader,
  request: KeyRequest,
): Promise<Unlocked | Shut> {
  let shut: Shut = "no key";
  for (const slot of likeliestFirst(header.slots, provider)) {
    if (slot.kind !== "transit") continue;
    try {
      const rootKey = await unwrap(provider, slot, request);
      if (rootKey !== undefined) return opened(rootKey, provider, slot);
    } catch (error) {
      if (!SecretError.is(error) || error.code !== "SECRET_WRONG_KEY") throw error;
      shut = "wrong key";
    }
  }
  return shut;
}

/** A slot is labelled after its provider unless its owner wished otherwise. A wrong guess costs time only. */
function likeliestFirst(slots: readonly Slot[], provider: KeyProvider): readonly Slot[] {
  const label = labelOf(provider);
  const own = slots.filter((slot) => slot.label === label);
  return [...own, ...slots.filter((slot) => !own.includes(slot))];
}

function opened(rootKey: RootKey, provider: KeyProvider, slot: Slot): Unlocked {
  return { rootKey, provider: provider.id, slot, slotIdentity: slotIdentity(slot) };
}

function assertSame(first: RootKey, other: RootKey): void {
  const same = first.equals(other);
  other.wipe();
  if (!same)
    throw new SecretError("SECRET_TAMPERED", "the key providers open different root keys in one secret file");
}

function refusal(shut: ReadonlySet<Shut>): SecretError {
  if (shut.has("too many slots"))
    return new SecretError("SECRET_KDF_LIMIT", `no key fits the first ${MAX_DERIVATIONS} passphrase slots`);
  if (shut.has("wrong key"))
    return new SecretError("SECRET_WRONG_KEY", "no key fits the secret file: wrong key, or another store");
  return new SecretError("SECRET_KEY_MISSING", "no key provider has a key for the secret file");
}
