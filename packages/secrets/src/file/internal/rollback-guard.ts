import { encodeHex } from "@symbiont/kit";
import { SecretError } from "../../errors.ts";
import type { GenerationWitness } from "../options.ts";
import type { StoreHeader } from "./format/header.ts";
import { isRolledBack, rememberGeneration } from "./seen-generations.ts";

/** Knows how far a store has come: within this process, and as far as the witness remembers. */
export class RollbackGuard {
  readonly #path: string;
  readonly #witness: GenerationWitness | undefined;
  #witnessed = 0;

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
    // Looked at twice: a witness may take its time, and be told of a later generation meanwhile.
    const isOlder = (): boolean => isRolledBack(this.#path, header);
    if (isOlder() || !(await this.#isWitnessed(header)) || isOlder()) return false;
    rememberGeneration(this.#path, header);
    return true;
  }

  /** The error when it was a rollback. */
  refusal(): SecretError {
    return new SecretError("SECRET_ROLLED_BACK", "the secret file is older than one that was seen before");
  }

  async #isWitnessed({ id, generation }: StoreHeader): Promise<boolean> {
    if (this.#witness === undefined || generation <= this.#witnessed) return true;
    let accepted: boolean;
    try {
      accepted = await this.#witness({ storeId: encodeHex(id), generation });
    } catch (cause) {
      throw new SecretError("SECRET_UNAVAILABLE", "the witness of the secret file could not be asked", {
        cause,
      });
    }
    if (accepted === true) this.#witnessed = Math.max(this.#witnessed, generation);
    return accepted === true;
  }
}
