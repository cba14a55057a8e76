import { SecretError } from "../../errors.ts";
import type { SecretValue } from "../../secret-value.ts";
import { type EntryPlace, openEntry } from "./crypto/seal-entry.ts";
import type { SealedVersion } from "./format/entry.ts";
import type { RootKey } from "./root-key.ts";

/** A value that is opened anew at every use, and never held open. */
export class SealedValue implements SecretValue {
  #sealed:
    | { readonly rootKey: RootKey; readonly place: EntryPlace; readonly version: SealedVersion }
    | undefined;

  constructor(rootKey: RootKey, place: EntryPlace, version: SealedVersion) {
    this.#sealed = { rootKey, place, version };
  }

  copy(): Uint8Array<ArrayBuffer> {
    if (this.#sealed === undefined) throw new SecretError("SECRET_CLOSED", "the secret was disposed of");
    const { rootKey, place, version } = this.#sealed;
    return openEntry(rootKey.bytes, place, version);
  }

  dispose(): void {
    this.#sealed = undefined;
  }
}
