import type { Peppers } from "../pepper.ts";
import type { ApiKeyRecord } from "../record.ts";
import type { ApiKeyStore } from "../store.ts";
import { ARGON2_DEFAULT, parseVerifier } from "../verifier.ts";
import type { Argon2 } from "./argon2.ts";

const MAX_RUNNING = 4;

/** Replaces outdated verifiers when the secret is at hand, behind the request that brought it. */
export class Rehash {
  readonly #store: ApiKeyStore;
  readonly #peppers: Peppers;
  readonly #argon2: Argon2;
  readonly #hashing: "argon2id" | "hmac-sha256";
  readonly #running = new Map<string, Promise<void>>();

  constructor(store: ApiKeyStore, peppers: Peppers, argon2: Argon2, hashing: "argon2id" | "hmac-sha256") {
    this.#store = store;
    this.#peppers = peppers;
    this.#argon2 = argon2;
    this.#hashing = hashing;
  }

  /** Starts a replacement if one is due and none runs for this key. */
  consider(record: ApiKeyRecord, presented: { readonly secret: string; readonly generated: boolean }): void {
    const { keyId } = record;
    if (this.#running.has(keyId) || this.#running.size >= MAX_RUNNING) return;
    const fast = this.#hashing === "hmac-sha256" && presented.generated;
    if (!this.#isOutdated(record.keyHash, fast)) return;
    const run = this.#replace(record, presented.secret, fast)
      .catch(() => undefined) // somebody else changed the record, or hashes are in demand: the next use tries again
      .finally(() => this.#running.delete(keyId));
    this.#running.set(keyId, run);
  }

  /** Resolves when nothing runs any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #isOutdated(keyHash: string, fast: boolean): boolean {
    const verifier = parseVerifier(keyHash);
    if (verifier === undefined) return false;
    if (verifier.kind === "hmac-sha256") return !fast || verifier.pepperId !== this.#peppers.currentId;
    const { memoryKiB, passes } = ARGON2_DEFAULT;
    return fast || verifier.memoryKiB < memoryKiB || verifier.passes < passes;
  }

  async #replace(record: ApiKeyRecord, secret: string, fast: boolean): Promise<void> {
    const keyHash = fast ? this.#peppers.verifier(record.keyId, secret) : await this.#argon2.verifier(secret);
    const next = { ...record, keyHash, version: record.version + 1 };
    await this.#store.put(next, { ifVersion: record.version });
  }
}
