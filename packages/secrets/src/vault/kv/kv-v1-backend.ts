import type { BackendOptions, StoredSecret } from "../../backend.ts";
import { SecretError } from "../../errors.ts";
import { PlainValue, type SecretValue } from "../../secret-value.ts";
import { failureOf } from "../internal/failure-of.ts";
import { isAbsent } from "../internal/is-absent.ts";
import { objectIn } from "../internal/read-answer.ts";
import type { VaultClient } from "../vault-client.ts";
import type { KvBackend } from "./kv-backend.ts";
import { readField } from "./kv-field.ts";
import { KvLocation, type KvOptions } from "./kv-location.ts";
import { listNames } from "./list-names.ts";

/** Version 1 of the KV engine, to be read only: it cannot compare versions, so a write could lose another one. */
export class KvV1Backend implements KvBackend {
  readonly kind = "vault";
  readonly #client: VaultClient;
  readonly #location: KvLocation;

  /** @throws TypeError for a wrong option. */
  constructor(client: VaultClient, options: KvOptions) {
    this.#client = client;
    this.#location = new KvLocation(options);
  }

  async read(name: string, options: BackendOptions): Promise<StoredSecret | undefined> {
    const path = this.#location.path([], name);
    const answer = await this.#client.request(
      { method: "GET", path, accept: [404], repeat: "always" },
      options,
    );
    if (isAbsent(answer)) return undefined;
    if (answer.status === 404) throw failureOf(answer);
    const entry = objectIn(answer.body, "data");
    return {
      metadata: { name, version: 1, previous: [] },
      value: () => new PlainValue(readField(entry, this.#location.field, name)),
    };
  }

  async versionValue(name: string, version: number, options: BackendOptions): Promise<SecretValue> {
    const stored = await this.read(name, options);
    if (stored !== undefined) return stored.value(version);
    throw new SecretError("SECRET_DELETED", "Vault no longer keeps that version", { secret: name });
  }

  list(prefix: string, options: BackendOptions): Promise<readonly string[]> {
    return listNames(this.#client, { location: this.#location, branch: [] }, { ...options, prefix });
  }
}
