import type { BackendOptions, SecretBackend, SecretWrite, StoredSecret } from "./backend.ts";
import { createSecretStore, type SecretStoreOptions } from "./create-secret-store.ts";
import { SecretError } from "./errors.ts";
import { assertNotAborted } from "./internal/abortable.ts";
import { checkedClock } from "./internal/checked-clock.ts";
import { nextMetadata } from "./internal/next-metadata.ts";
import type { SecretMetadata } from "./secret-metadata.ts";
import { PlainValue } from "./secret-value.ts";
import type { SecretStore } from "./store.ts";

/** Makes an empty store that forgets everything with the process: for tests. */
export function memoryStore(options: SecretStoreOptions = {}): SecretStore {
  return createSecretStore(new MemoryBackend(checkedClock(options.now)), options);
}

interface Entry {
  readonly metadata: SecretMetadata;
  readonly values: ReadonlyMap<number, Uint8Array>;
}

class MemoryBackend implements SecretBackend {
  readonly kind = "memory";
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(now: () => number) {
    this.#now = now;
  }

  async read(name: string, { signal }: BackendOptions): Promise<StoredSecret | undefined> {
    assertNotAborted(signal);
    const entry = this.#entries.get(name);
    return entry && { metadata: entry.metadata, value: (version) => valueOf(entry, version) };
  }

  async list(prefix: string, { signal }: BackendOptions): Promise<readonly string[]> {
    assertNotAborted(signal);
    return [...this.#entries.keys()].filter((name) => name.startsWith(prefix));
  }

  async write(name: string, write: SecretWrite, { signal }: BackendOptions): Promise<SecretMetadata> {
    assertNotAborted(signal);
    const current = this.#entries.get(name);
    const metadata = nextMetadata(name, current?.metadata, write, this.#now());
    const values = new Map<number, Uint8Array>([[metadata.version, Uint8Array.from(write.value)]]);
    for (const [version, value] of current?.values ?? []) {
      if (metadata.previous.some((previous) => previous.version === version)) values.set(version, value);
      else value.fill(0);
    }
    this.#entries.set(name, { metadata, values });
    return metadata;
  }

  async delete(name: string, { signal }: BackendOptions): Promise<boolean> {
    assertNotAborted(signal);
    for (const value of this.#entries.get(name)?.values.values() ?? []) value.fill(0);
    return this.#entries.delete(name);
  }
}

function valueOf(entry: Entry, version: number): PlainValue {
  const value = entry.values.get(version);
  if (value === undefined)
    throw new SecretError("SECRET_DELETED", "that version is gone", { secret: entry.metadata.name });
  return new PlainValue(Uint8Array.from(value));
}
