import type { JsonObject } from "@symbiont/kit";
import type { BackendOptions, SecretWrite } from "../../backend.ts";
import { SecretError } from "../../errors.ts";
import type { PreviousVersion } from "../../secret-metadata.ts";
import { failureOf } from "../internal/failure-of.ts";
import { errorTexts, instantIn, numberIn, objectIn } from "../internal/read-answer.ts";
import type { VaultClient } from "../vault-client.ts";
import type { VaultAnswer } from "../vault-request.ts";
import { fieldMembers, fieldNames, recordReferenceOf } from "./kv-field.ts";
import type { KvLocation } from "./kv-location.ts";
import { type EntryState, readEntryState } from "./read-entry-state.ts";
import { readVersion } from "./read-version.ts";
import { readRecord, staleMembers, type VersionRecord, writeRecord } from "./version-record.ts";

const MAX_PREVIOUS = 16;

/** What was written. Instants are epoch milliseconds. */
export interface WrittenVersion {
  readonly version: number;
  readonly createdAt: number | undefined;
  readonly writtenAt: number | undefined;
  /** When Vault is going to delete the version by itself. */
  readonly endsAt: number | undefined;
  readonly record: VersionRecord;
}

/**
 * Writes a new version, always against the version that was looked at: of two who write at once one gets
 * `SECRET_CONFLICT`, whether or not it asked for a certain version.
 *
 * What Vault does not keep itself (expiry, rotation, notes, grace periods) is announced in the custom metadata first.
 * It counts from the moment the entry names it, in one step with the value; without the entry it is a note that nobody
 * reads, and a later write removes it.
 */
export class KvV2Write {
  readonly #client: VaultClient;
  readonly #location: KvLocation;
  readonly #name: string;
  readonly #options: BackendOptions;

  constructor(client: VaultClient, location: KvLocation, call: BackendOptions & { readonly name: string }) {
    const { name, ...options } = call;
    this.#client = client;
    this.#location = location;
    this.#name = name;
    this.#options = options;
  }

  /** @throws SecretError `SECRET_CONFLICT`, `SECRET_TOO_LARGE`, and what the client throws. */
  async run(write: SecretWrite, now: number): Promise<WrittenVersion> {
    const state = await readEntryState(this.#client, this.#metadataPath(), { ...this.#options, now });
    if (write.ifVersion !== undefined && write.ifVersion !== state.version) throw this.#conflict();
    const record: VersionRecord = {
      ...onlyRecorded(write),
      previous: await this.#previous(state, write, now),
    };
    const announced = isEmpty(record)
      ? undefined
      : writeRecord(record, { version: state.version + 1, name: this.#name });
    if (announced !== undefined) await this.#announce(announced.members, state);
    const members = fieldMembers(write.value, this.#location.field, announced?.reference);
    const answer = await this.#writeEntry(members, state);
    if (answer.status === 200)
      return { ...writtenVersion(objectIn(answer.body, "data")), createdAt: state.createdAt, record };
    const earlier = answer.mayHaveRunBefore ? await this.#written(members, state.version + 1) : undefined;
    if (earlier !== undefined) return { ...earlier, createdAt: state.createdAt, record };
    await this.#takeBack(Object.keys(announced?.members ?? {}));
    throw this.#conflict();
  }

  async #previous(
    state: EntryState,
    { keepPreviousUntil }: SecretWrite,
    now: number,
  ): Promise<readonly PreviousVersion[]> {
    if (keepPreviousUntil === undefined || !state.live) return [];
    const call = { ...this.#options, name: this.#name, version: state.version };
    const current = await readVersion(this.#client, this.#dataPath(), call);
    const reference = current && recordReferenceOf(current.entry, this.#location.field);
    const kept =
      reference === undefined ? [] : readRecord(current?.custom ?? {}, reference, this.#name).previous;
    return [
      { version: state.version, until: keepPreviousUntil },
      ...kept.filter(({ until }) => now < until),
    ].slice(0, MAX_PREVIOUS);
  }

  async #announce(members: Readonly<Record<string, string>>, state: EntryState): Promise<void> {
    // A patch needs something to patch. 0 is the default of the mount; without any member nothing would be made.
    if (!state.known) await this.#request("POST", this.#metadataPath(), { max_versions: 0 });
    const stale = staleMembers(state.custom, state.version).map((member) => [member, null] as const);
    const custom = { ...Object.fromEntries(stale), ...members };
    await this.#request("PATCH", this.#metadataPath(), { custom_metadata: custom });
  }

  /** @returns the answer to the write, or that it did not match. */
  async #writeEntry(members: Readonly<Record<string, string>>, state: EntryState): Promise<VaultAnswer> {
    const options = { cas: state.version };
    const { field } = this.#location;
    // With a field of its own the value shares the entry with members that are not ours.
    const isShared = field.field !== undefined && state.live;
    const names = fieldNames(field);
    const answer = await this.#request(
      isShared ? "PATCH" : "POST",
      this.#dataPath(),
      { options, data: isShared ? { [names.encoding]: null, [names.record]: null, ...members } : members },
      [400],
    );
    if (answer.status === 200 || isMismatch(answer)) return answer;
    throw failureOf(answer);
  }

  /** The version if it is the one we wrote: a try that got no answer may have been carried out. */
  async #written(
    members: Readonly<Record<string, string>>,
    version: number,
  ): Promise<Omit<WrittenVersion, "createdAt" | "record"> | undefined> {
    const call = { ...this.#options, name: this.#name, version };
    const found = await readVersion(this.#client, this.#dataPath(), call);
    const isOurs = found && Object.entries(members).every(([name, text]) => found.entry[name] === text);
    return isOurs === true ? found : undefined;
  }

  async #takeBack(members: readonly string[]): Promise<void> {
    if (members.length === 0) return;
    const custom = Object.fromEntries(members.map((member) => [member, null]));
    // Nobody reads it, and the next write tries again.
    await this.#request("PATCH", this.#metadataPath(), { custom_metadata: custom }).catch(() => undefined);
  }

  #request(
    method: "POST" | "PATCH",
    path: readonly string[],
    body: JsonObject,
    accept: readonly number[] = [],
  ): Promise<VaultAnswer> {
    // Safe to repeat: an entry is written against a version, and the rest says the same twice.
    return this.#client.request({ method, path, body, accept, repeat: "always" }, this.#options);
  }

  #conflict(): SecretError {
    return new SecretError("SECRET_CONFLICT", "the secret is not of the expected version", {
      secret: this.#name,
    });
  }

  #dataPath(): readonly string[] {
    return this.#location.path(["data"], this.#name);
  }

  #metadataPath(): readonly string[] {
    return this.#location.path(["metadata"], this.#name);
  }
}

function onlyRecorded({ expiresAt, rotateAfter, notes }: SecretWrite): Omit<VersionRecord, "previous"> {
  return {
    ...(expiresAt !== undefined && { expiresAt }),
    ...(rotateAfter !== undefined && { rotateAfter }),
    ...(notes !== undefined && { notes }),
  };
}

function isEmpty({ previous, ...rest }: VersionRecord): boolean {
  return previous.length === 0 && Object.keys(rest).length === 0;
}

function isMismatch({ status, body }: VaultAnswer): boolean {
  return status === 400 && errorTexts(body)?.some((text) => text.includes("check-and-set")) === true;
}

function writtenVersion(data: Parameters<typeof numberIn>[0]): Omit<WrittenVersion, "createdAt" | "record"> {
  return {
    version: numberIn(data, "version"),
    writtenAt: instantIn(data, "created_time"),
    endsAt: instantIn(data, "deletion_time"),
  };
}
