import { compareCodePoints } from "@symbiont/kit";
import { SecretError } from "./errors.ts";
import type { Secret } from "./secret.ts";
import type { SecretMetadata } from "./secret-metadata.ts";
import type { CallOptions, GetOptions, ScopeOptions, SecretReader } from "./store.ts";

/** When a chain asks its next store. */
export interface ChainOptions {
  /**
   * `not-found` is the only choice there is, written out because it is a decision: a store that is down, locked
   * or tampered with must not be replaced by a weaker one behind it.
   */
  readonly on: "not-found";
}

/**
 * Reads from the first store that has the name. Only "there is no such secret" leads to the next store; every
 * other error is the answer.
 *
 * Differs from Symbiont: there any failure of the store falls back to the environment.
 * @throws TypeError for no stores or a wrong option.
 */
export function chain(stores: readonly SecretReader[], options: ChainOptions): SecretReader {
  if (stores.length === 0) throw new TypeError("a chain needs at least one store");
  if ((options as ChainOptions | undefined)?.on !== "not-found")
    throw new TypeError(`a chain goes on "not-found" only`);
  return new Chain([...stores]);
}

class Chain implements SecretReader {
  readonly #stores: readonly SecretReader[];

  constructor(stores: readonly SecretReader[]) {
    this.#stores = stores;
  }

  get(name: string, options?: GetOptions): Promise<Secret> {
    return this.#first(name, (store) => store.get(name, options));
  }

  getAccepted(name: string, options?: GetOptions): Promise<readonly Secret[]> {
    return this.#first(name, (store) => store.getAccepted(name, options));
  }

  async getMany(names: readonly string[], options?: GetOptions): Promise<ReadonlyMap<string, Secret>> {
    const secrets = new Map<string, Secret>();
    try {
      for (const name of new Set(names)) secrets.set(name, await this.get(name, options));
    } catch (error) {
      for (const secret of secrets.values()) secret.dispose();
      throw error;
    }
    return secrets;
  }

  async has(name: string, options?: CallOptions): Promise<boolean> {
    for (const store of this.#stores) if (await store.has(name, options)) return true;
    return false;
  }

  async list(prefix?: string, options?: CallOptions): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const store of this.#stores) for (const name of await store.list(prefix, options)) names.add(name);
    return [...names].sort(compareCodePoints);
  }

  metadata(name: string, options?: CallOptions): Promise<SecretMetadata> {
    return this.#first(name, (store) => store.metadata(name, options));
  }

  scope(prefix: string, options?: ScopeOptions): SecretReader {
    return new Chain(this.#stores.map((store) => store.scope(prefix, options)));
  }

  async #first<T>(name: string, ask: (store: SecretReader) => Promise<T>): Promise<T> {
    for (const store of this.#stores) {
      try {
        return await ask(store);
      } catch (error) {
        if (!SecretError.is(error) || error.code !== "SECRET_NOT_FOUND") throw error;
      }
    }
    throw new SecretError("SECRET_NOT_FOUND", "no store has a secret of that name", { secret: name });
  }
}
