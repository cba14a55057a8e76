import type { BackendOptions, SecretWrite, StoredSecret } from "../../backend.ts";
import { SecretError } from "../../errors.ts";
import type { SecretMetadata } from "../../secret-metadata.ts";
import { PlainValue, type SecretValue } from "../../secret-value.ts";
import type { VaultClient } from "../vault-client.ts";
import type { KvBackend } from "./kv-backend.ts";
import { fieldNames, readField, recordReferenceOf } from "./kv-field.ts";
import { KvLocation, type KvOptions } from "./kv-location.ts";
import { KvV2Write } from "./kv-v2-write.ts";
import { listNames } from "./list-names.ts";
import { readEntryState } from "./read-entry-state.ts";
import { type EntryVersion, readVersion } from "./read-version.ts";
import { readRecord, type VersionRecord } from "./version-record.ts";

/** Version 2 of the KV engine. */
export class KvV2Backend implements KvBackend {
  readonly kind = "vault";
  readonly #client: VaultClient;
  readonly #location: KvLocation;
  readonly #now: () => number;

  /** @throws TypeError for a wrong option. */
  constructor(client: VaultClient, options: KvOptions, now: () => number) {
    this.#client = client;
    this.#location = new KvLocation(options);
    this.#now = now;
  }

  async read(name: string, options: BackendOptions): Promise<StoredSecret | undefined> {
    const found = await readVersion(this.#client, this.#location.path(["data"], name), { ...options, name });
    return (
      found && {
        metadata: this.#metadata(name, found),
        value: (version) =>
          version === found.version ? this.#value(name, found) : this.versionValue(name, version, options),
      }
    );
  }

  async versionValue(name: string, version: number, options: BackendOptions): Promise<SecretValue> {
    const call = { ...options, name, version };
    const found = await readVersion(this.#client, this.#location.path(["data"], name), call);
    if (found !== undefined) return this.#value(name, found);
    throw new SecretError("SECRET_DELETED", "Vault no longer keeps that version", { secret: name });
  }

  list(prefix: string, options: BackendOptions): Promise<readonly string[]> {
    const listing = { location: this.#location, branch: ["metadata"] };
    return listNames(this.#client, listing, { ...options, prefix });
  }

  async write(name: string, write: SecretWrite, options: BackendOptions): Promise<SecretMetadata> {
    const written = await new KvV2Write(this.#client, this.#location, { ...options, name }).run(
      write,
      this.#now(),
    );
    return metadataOf(name, written, { ...written.record, createdAt: written.createdAt });
  }

  async delete(name: string, options: BackendOptions): Promise<boolean> {
    const path = this.#location.path(["metadata"], name);
    const state = await readEntryState(this.#client, path, { ...options, now: this.#now() });
    if (!state.known) return false;
    await this.#assertOurs(name, options);
    await this.#client.request({ method: "DELETE", path, repeat: "always" }, options);
    // Without a version there was only what a write had announced before it failed.
    return state.version > 0;
  }

  /** @throws SecretError `SECRET_READ_ONLY` when deleting the entry would delete members that are not ours. */
  async #assertOurs(name: string, options: BackendOptions): Promise<void> {
    const { field } = this.#location;
    if (field.field === undefined) return;
    const found = await readVersion(this.#client, this.#location.path(["data"], name), { ...options, name });
    const ours = new Set<string>(Object.values(fieldNames(field)));
    if (Object.keys(found?.entry ?? {}).every((member) => ours.has(member))) return;
    throw new SecretError(
      "SECRET_READ_ONLY",
      "the entry has other members, which a deletion would take along",
      {
        secret: name,
      },
    );
  }

  #value(name: string, { entry }: EntryVersion): SecretValue {
    return new PlainValue(readField(entry, this.#location.field, name));
  }

  #metadata(name: string, found: EntryVersion): SecretMetadata {
    const reference = recordReferenceOf(found.entry, this.#location.field);
    const record = reference === undefined ? { previous: [] } : readRecord(found.custom, reference, name);
    const now = this.#now();
    const previous = record.previous.filter(({ until }) => now < until);
    // Vault tells when this version was written; only of the first that is when the name was.
    const createdAt = found.version === 1 ? found.writtenAt : undefined;
    return metadataOf(name, found, { ...record, previous, createdAt });
  }
}

function metadataOf(
  name: string,
  { version, writtenAt, endsAt }: Pick<EntryVersion, "version" | "writtenAt" | "endsAt">,
  { createdAt, ...record }: VersionRecord & { readonly createdAt: number | undefined },
): SecretMetadata {
  const expiresAt = endsAt === undefined ? record.expiresAt : Math.min(endsAt, record.expiresAt ?? endsAt);
  return {
    name,
    version,
    ...record,
    ...(createdAt !== undefined && { createdAt }),
    ...(writtenAt !== undefined && { updatedAt: writtenAt }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
