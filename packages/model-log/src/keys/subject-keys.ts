import { randomBytes } from "node:crypto";
import { hmacSha256 } from "@symbiont/keys/hmac";
import { encodeHex } from "@symbiont/kit";
import { ModelLogError } from "../model-log-error.ts";
import { type KeyVault, type LogKeys, readKey, segmentSecret } from "./log-keys.ts";

const MAX_CACHED = 1_000;

/** Keys of the people whose data is logged: one each, in the vault, under a keyed hash of their name. */
export class SubjectKeys {
  readonly #keys: LogKeys;
  readonly #cache = new Map<string, Promise<Uint8Array>>();
  #index: Promise<Uint8Array> | undefined;

  constructor(keys: LogKeys) {
    this.#keys = keys;
  }

  /** The hash that stands for a name in the clear. @throws TypeError when keys are not vaulted. */
  async hash(subject: string): Promise<string> {
    this.#index ??= this.#load("subject-index", true);
    return encodeHex(hmacSha256(await this.#index, subject)).slice(0, 32);
  }

  /** The key behind a hash, made when there is none. */
  async ensure(hash: string): Promise<Uint8Array> {
    return this.#cached(hash, true);
  }

  /** The key behind a hash. @throws ModelLogError `MODEL_LOG_KEY_MISSING` when it was destroyed. */
  async find(hash: string): Promise<Uint8Array> {
    return this.#cached(hash, false);
  }

  /** Destroys a key. Resolves with false when there was none. */
  async forget(subject: string): Promise<boolean> {
    const hash = await this.hash(subject);
    this.#cache.delete(hash);
    return this.#vault.delete(this.#name(`subject/${hash}`));
  }

  get #vault(): KeyVault {
    if (this.#keys.kind !== "vaulted") throw new TypeError("subjects need vaulted keys");
    return this.#keys.vault;
  }

  #name(id: string): string {
    return segmentSecret(this.#keys as LogKeys & { kind: "vaulted" }, id);
  }

  async #cached(hash: string, make: boolean): Promise<Uint8Array> {
    let key = this.#cache.get(hash);
    if (key === undefined) {
      key = this.#load(`subject/${hash}`, make);
      if (this.#cache.size >= MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value as string);
      this.#cache.set(hash, key);
      key.catch(() => this.#cache.delete(hash));
    }
    return key;
  }

  async #load(id: string, make: boolean): Promise<Uint8Array> {
    const name = this.#name(id);
    try {
      return await readKey(await this.#vault.get(name));
    } catch (cause) {
      if (!make || !isMissing(cause)) throw missing(cause);
    }
    const key = new Uint8Array(randomBytes(32));
    await this.#vault.set(name, key);
    return key;
  }
}

/** Only a key that is known not to exist is made: one that cannot be asked for would be overwritten. */
function isMissing(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return code === "SECRET_NOT_FOUND" || code === "SECRET_DELETED";
}

function missing(cause: unknown): ModelLogError {
  return new ModelLogError("MODEL_LOG_KEY_MISSING", "the key of a record's subject is not there", { cause });
}
