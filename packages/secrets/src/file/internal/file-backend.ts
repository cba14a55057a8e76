import { randomBytes } from "node:crypto";
import { deepFreeze } from "@symbiont/kit";
import type { BackendOptions, SecretBackend, SecretWrite, StoredSecret } from "../../backend.ts";
import { SecretError } from "../../errors.ts";
import { nextMetadata } from "../../internal/next-metadata.ts";
import type { SecretMetadata } from "../../secret-metadata.ts";
import { sealEntry } from "./crypto/seal-entry.ts";
import { assertVersionFits, ENTRY_SALT_BYTES, type Entry, withoutExpiredVersions } from "./format/entry.ts";
import { checkedInstant } from "./format/instant.ts";
import { SealedValue } from "./sealed-value.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StoreFile } from "./store-file.ts";

const INSTANTS = ["expiresAt", "rotateAfter", "keepPreviousUntil"] as const;

/** A secret file as the back end of a store. */
export class FileBackend implements SecretBackend {
  readonly kind = "file";
  readonly #file: StoreFile;
  readonly #now: () => number;

  constructor(file: StoreFile, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  async read(name: string, { signal }: BackendOptions): Promise<StoredSecret | undefined> {
    const found = this.#file.snapshot(signal);
    const snapshot = found instanceof Promise ? await found : found;
    const entry = snapshot.entries.get(name);
    return (
      entry &&
      stored(
        snapshot,
        entry.metadata.previous.length > 0 ? withoutExpiredVersions(entry, this.#now()) : entry,
      )
    );
  }

  async list(prefix: string, { signal }: BackendOptions): Promise<readonly string[]> {
    const { entries } = await this.#file.snapshot(signal);
    return [...entries.keys()].filter((name) => name.startsWith(prefix));
  }

  async write(name: string, write: SecretWrite, { signal }: BackendOptions): Promise<SecretMetadata> {
    for (const option of INSTANTS) {
      const time = write[option];
      if (time !== undefined) checkedInstant(option, time);
    }
    return this.#file.update((snapshot) => {
      const current = snapshot.entries.get(name);
      const metadata = nextMetadata(name, current?.metadata, write, this.#now());
      const entry = sealedEntry(snapshot, current, { metadata, write });
      return { result: metadata, next: { entries: new Map(snapshot.entries).set(name, entry) } };
    }, signal);
  }

  async delete(name: string, { signal }: BackendOptions): Promise<boolean> {
    return this.#file.update((snapshot) => {
      const entries = new Map(snapshot.entries);
      return entries.delete(name) ? { result: true, next: { entries } } : { result: false };
    }, signal);
  }
}

function stored({ rootKey, header }: Snapshot, entry: Entry): StoredSecret {
  return {
    metadata: entry.metadata,
    value(version) {
      const sealed = entry.versions.find((candidate) => candidate.version === version);
      if (sealed !== undefined)
        return new SealedValue(rootKey, { storeId: header.id, name: entry.metadata.name }, sealed);
      throw new SecretError("SECRET_DELETED", "that version is gone", { secret: entry.metadata.name });
    },
  };
}

/** Seals a new version of a secret, and keeps those older ones that its metadata promise. */
export function sealedEntry(
  { rootKey, header }: Snapshot,
  current: Entry | undefined,
  {
    metadata,
    write,
  }: { readonly metadata: SecretMetadata; readonly write: Pick<SecretWrite, "value" | "text"> },
): Entry {
  assertVersionFits(metadata);
  const place = { storeId: header.id, name: metadata.name };
  const salted = { version: metadata.version, salt: randomBytes(ENTRY_SALT_BYTES) };
  const kept = new Set(metadata.previous.map(({ version }) => version));
  const older = (current?.versions ?? []).filter(({ version }) => kept.has(version));
  return {
    metadata: deepFreeze(metadata),
    text: write.text,
    versions: [sealEntry(rootKey.bytes, place, salted, write.value), ...older],
  };
}
