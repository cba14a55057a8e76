import { encodeHex } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { GenerationWitness } from "../options.ts";
import type { StoreHeader } from "./format/header.ts";
import { isRolledBack, placeOf, rememberGeneration } from "./seen-generations.ts";

/** Knows how far a store has come: within this process, and as far as the witness remembers. */
export class RollbackGuard {
  readonly #path: string;
  readonly #witness: GenerationWitness | undefined;
  #witnessed = 0;
  /** The place of the store that was asked about last. */
  #place: { readonly id: Uint8Array; readonly name: string } | undefined;

  constructor(path: string, witness: GenerationWitness | undefined) {
    this.#path = path;
    this.#witness = witness;
  }

  /**
   * Remembers a generation of the store; false when a later one is known. That alone is no proof of a rollback: the
   * file may have been overtaken while it was read.
   * @throws SecretError `SECRET_UNAVAILABLE` when the witness cannot be asked.
   */
  async isNewest(header: StoreHeader): Promise<boolean> {
    const place = this.#placeOf(header.id);
    if (isRolledBack(place, header)) return false;
    if (this.#witness !== undefined && header.generation > this.#witnessed) {
      // Looked at twice: a witness may take its time, and be told of a later generation meanwhile.
      if (!(await this.#isWitnessed(this.#witness, header)) || isRolledBack(place, header)) return false;
    }
    rememberGeneration(place, header);
    return true;
  }

  /** The error when it was a rollback. */
  refusal(): SecretError {
    return new SecretError("SECRET_ROLLED_BACK", "the secret file is older than one that was seen before");
  }

  #placeOf(id: Uint8Array): string {
    if (this.#place?.id !== id) this.#place = { id, name: placeOf(this.#path, id) };
    return this.#place.name;
  }

  async #isWitnessed(witness: GenerationWitness, { id, generation }: StoreHeader): Promise<boolean> {
    let accepted: boolean;
    try {
      accepted = await witness({ storeId: encodeHex(id), generation });
    } catch (cause) {
      throw new SecretError("SECRET_UNAVAILABLE", "the witness of the secret file could not be asked", {
        cause,
      });
    }
    if (accepted === true) this.#witnessed = Math.max(this.#witnessed, generation);
    return accepted === true;
  }
}
