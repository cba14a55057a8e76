import { encodeUtf8, excerpt } from "@symbiont/kit";
import type { BackendOptions, SecretBackend, StoredSecret } from "./backend.ts";
import { createSecretStore, type SecretStoreOptions } from "./create-secret-store.ts";
import { SecretError } from "./errors.ts";
import { assertNotAborted } from "./internal/abortable.ts";
import { checkSecretName } from "./secret-name.ts";
import { PlainValue } from "./secret-value.ts";
import type { SecretStore } from "./store.ts";

/** Which environment variables are secrets, and under which names. */
export interface EnvStoreOptions extends SecretStoreOptions {
  /**
   * Name of the secret → name of the variable. Only these can be read: a store over the whole environment would
   * hand out `PATH` and let a name choose the variable.
   */
  readonly variables: Readonly<Record<string, string>>;
  /** Default `process.env`, looked at on every read. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Makes a read-only store of environment variables. An unset variable is a missing secret; an empty one is an
 * error, because it is nearly always a deployment that went wrong.
 *
 * Whoever may read `/proc/<pid>/environ`, or the process's crash dumps, has these secrets.
 * @throws TypeError for a wrong option, SecretError `SECRET_NAME_INVALID`.
 */
export function envStore(options: EnvStoreOptions): SecretStore {
  return createSecretStore(new EnvBackend(options), options);
}

class EnvBackend implements SecretBackend {
  readonly kind = "env";
  readonly #variables: ReadonlyMap<string, string>;
  readonly #env: () => Readonly<Record<string, string | undefined>>;

  constructor({ variables, env }: EnvStoreOptions) {
    this.#variables = new Map(Object.entries(variables));
    for (const [name, variable] of this.#variables) {
      checkSecretName(name);
      if (typeof variable !== "string" || !/^[^=\0]+$/.test(variable))
        throw new TypeError(`variables: ${excerpt(name)} must be the name of an environment variable`);
    }
    this.#env = () => env ?? process.env;
  }

  async read(name: string, { signal }: BackendOptions): Promise<StoredSecret | undefined> {
    assertNotAborted(signal);
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (value === "")
      throw new SecretError("SECRET_VALUE_INVALID", "the environment variable is empty", { secret: name });
    return {
      metadata: { name, version: 1, previous: [] },
      value: () => new PlainValue(encodeUtf8(value)),
    };
  }

  async list(prefix: string, { signal }: BackendOptions): Promise<readonly string[]> {
    assertNotAborted(signal);
    return [...this.#variables.keys()].filter(
      (name) => name.startsWith(prefix) && this.#value(name) !== undefined,
    );
  }

  #value(name: string): string | undefined {
    const variable = this.#variables.get(name);
    const env = this.#env();
    return variable !== undefined && Object.hasOwn(env, variable) ? env[variable] : undefined;
  }
}
