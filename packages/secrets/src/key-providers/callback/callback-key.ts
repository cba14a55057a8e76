import { SecretError } from "../../errors.ts";
import {
  checkedKey,
  invalidKey,
  type KeyReader,
  type KeyTextOptions,
  keyReader,
} from "../../internal/key-reader.ts";
import { checkedTimeout, withinTime } from "../../internal/within-time.ts";
import type { KeyMaterial, KeyRequest, LocalKeyProvider } from "../../key-provider.ts";

const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_ID = 200;

/**
 * Gets a key from wherever the host has it: a KMS, a TPM, a person at a prompt.
 * @param request has a signal that always fires when nobody waits any more.
 * @returns 32 bytes, or a passphrase marked as such, or undefined when there is none. The bytes are handed over:
 * they are copied, then zeroed, so give fresh ones each time.
 */
export type LoadKey = (
  request: KeyRequest & { readonly signal: AbortSignal },
) => Promise<Uint8Array | KeyMaterial | undefined>;

/** How a callback is called. */
export interface CallbackKeyOptions extends Pick<KeyTextOptions, "minPassphraseLength" | "onWeakPassphrase"> {
  /** How long the callback may take, in milliseconds. Default 60000: a person may have to type. */
  readonly timeoutMs?: number;
}

/**
 * Takes the key from a function. What it throws becomes the `cause` of `SECRET_UNAVAILABLE`, unless it is a
 * SecretError already: it must not hold the key.
 * @param id names the source without saying the key, for example `kms:alias/agents`. 1 to 200 printable ASCII
 * characters.
 * @throws TypeError, RangeError on a wrong id or option.
 */
export function callbackKey(id: string, load: LoadKey, options: CallbackKeyOptions = {}): LocalKeyProvider {
  if (typeof id !== "string" || !/^[!-~]+$/.test(id) || id.length > MAX_ID)
    throw new TypeError(`id must be 1 to ${MAX_ID} printable ASCII characters without spaces`);
  if (typeof load !== "function") throw new TypeError("load must be a function");
  const timeoutMs = checkedTimeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const read = keyReader(id, { ...options, kind: "passphrase" });
  return Object.freeze({
    type: "local",
    id,
    load: ({ storeId, signal }) =>
      withinTime(
        { id, timeoutMs, signal },
        async (signal) => taken(id, await called(id, () => load({ storeId, signal })), read),
        discardKey,
      ),
  } satisfies LocalKeyProvider);
}

async function called<T>(id: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (SecretError.is(error)) throw error;
    throw new SecretError("SECRET_UNAVAILABLE", `key provider ${id} failed`, { cause: error });
  }
}

/** Takes over what the callback gave. It is the host's code, perhaps without types: nothing is believed. */
function taken(id: string, given: unknown, read: KeyReader): KeyMaterial | undefined {
  if (given === undefined) return undefined;
  if (given instanceof Uint8Array) return { kind: "raw", key: checkedKey(id, handedOver(given)) };
  if (typeof given === "object" && given !== null && "kind" in given) {
    if (given.kind === "raw" && "key" in given && given.key instanceof Uint8Array)
      return { kind: "raw", key: checkedKey(id, handedOver(given.key)) };
    if (given.kind === "passphrase" && "passphrase" in given) return passphrase(id, given.passphrase, read);
  }
  const fault = "must give 32 bytes, { kind: 'passphrase', passphrase } or undefined";
  throw invalidKey(id, `${fault}; it gave ${given === null ? "null" : `a value of type ${typeof given}`}`);
}

function passphrase(id: string, given: unknown, read: KeyReader): KeyMaterial {
  if (typeof given === "string") return read(given);
  if (!(given instanceof Uint8Array))
    throw invalidKey(id, "gave a passphrase that is neither text nor bytes");
  try {
    return read(given);
  } finally {
    given.fill(0);
  }
}

function handedOver(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  bytes.fill(0);
  return copy;
}

function discardKey(late: KeyMaterial | undefined): void {
  if (late?.kind === "raw") late.key.fill(0);
  else if (late?.passphrase instanceof Uint8Array) late.passphrase.fill(0);
}
