import { randomBytes, randomFillSync } from "node:crypto";
import { fileGeneration, updateFile } from "@symbiont/filestore";
import { SecretError } from "../../errors.ts";
import type { CheckedOptions } from "../options.ts";
import { sealStore } from "./crypto/seal-store.ts";
import { fileError } from "./file-error.ts";
import { STORE_ID_BYTES } from "./format/header.ts";
import { labelOf } from "./format/label.ts";
import { MAX_FILE_BYTES, MAX_SLOTS } from "./format/limits.ts";
import { SALT_BYTES, type Slot, slotIdentity } from "./format/slot.ts";
import { ROOT_KEY_BYTES, RootKey } from "./root-key.ts";
import { newSlotId, SlotMaker } from "./slot-maker.ts";
import type { Snapshot } from "./snapshot.ts";

/** Writes the first generation of a store, with a slot for every provider. @throws SecretError `SECRET_STORE_EXISTS`. */
export async function createStore(
  path: string,
  options: CheckedOptions,
  asked: { readonly signal: AbortSignal },
): Promise<Snapshot> {
  const id = randomBytes(STORE_ID_BYTES);
  const rootKey = newRootKey();
  try {
    if (fileGeneration(path) !== undefined) throw exists();
    const slots = await slotsOf(rootKey, id, { options, signal: asked.signal });
    const unsealed = { id, generation: 1, updatedAt: options.now(), salt: randomBytes(SALT_BYTES), slots };
    const entries = new Map<string, never>();
    const { bytes, header } = sealStore(rootKey.bytes, unsealed, entries);
    const { generation } = await updateFile(
      path,
      (current) => {
        if (current !== undefined) throw exists();
        return bytes;
      },
      { maxBytes: MAX_FILE_BYTES, signal: asked.signal },
    );
    const [first] = slots;
    if (generation === undefined || first === undefined)
      throw new SecretError("SECRET_UNAVAILABLE", "the secret file was not written");
    return { generation, header, entries, rootKey, slotIdentity: slotIdentity(first) };
  } catch (error) {
    rootKey.wipe();
    throw fileError(error, asked.signal);
  }
}

export function newRootKey(): RootKey {
  return new RootKey(randomFillSync(new Uint8Array(ROOT_KEY_BYTES)));
}

async function slotsOf(
  rootKey: RootKey,
  storeId: Uint8Array,
  { options, signal }: { readonly options: CheckedOptions; readonly signal: AbortSignal },
): Promise<readonly Slot[]> {
  if (options.keyProviders.length > MAX_SLOTS)
    throw new SecretError("SECRET_TOO_LARGE", `a secret file holds at most ${MAX_SLOTS} key slots`);
  const slots: Slot[] = [];
  for (const provider of options.keyProviders) {
    const maker = await SlotMaker.required(provider, { storeId, signal });
    try {
      const shape = { id: newSlotId(), label: labelOf(provider), cost: options.argon2 };
      slots.push(await maker.seal(rootKey, storeId, shape));
    } finally {
      maker.dispose();
    }
  }
  return slots;
}

function exists(): SecretError {
  return new SecretError("SECRET_STORE_EXISTS", "there is a file of that name already");
}
