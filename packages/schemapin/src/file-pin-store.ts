import {
  FilestoreError,
  fileGeneration,
  type Generation,
  type PrivateFile,
  readPrivateFile,
  sameGeneration,
  updateFile,
} from "@symbiont/filestore";
import { canonicalJson, encodeUtf8, type JsonObject, parseJson } from "@symbiont/kit";
import { corrupt, readPin, readPinKey } from "./pin-json.ts";
import { type ManagedPinStore, type Pin, type PinId, pinKey, type StoredPin } from "./pin-store.ts";
import { SchemaPinError } from "./schemapin-error.ts";

const MAX_BYTES = 16 << 20;

/**
 * Keeps pins in one private file, shared safely between processes. A file that is broken, or that others may write,
 * throws: an empty store would trust whoever comes first, again.
 *
 * @throws SchemaPinError from its methods: `SCHEMAPIN_PIN_STORE_CORRUPT`, `SCHEMAPIN_PIN_STORE_UNAVAILABLE`.
 */
export class FilePinStore implements ManagedPinStore {
  readonly #path: string;
  #cached: { readonly generation: Generation; readonly pins: ReadonlyMap<string, Pin> } | undefined;

  /** @param path of the file; its folder must exist. */
  constructor(path: string) {
    this.#path = path;
  }

  async get(id: PinId): Promise<Pin | undefined> {
    const key = pinKey(id);
    return (await this.#load()).get(key);
  }

  async getAll(ids: readonly PinId[]): Promise<readonly (Pin | undefined)[]> {
    const keys = ids.map(pinKey);
    const pins = await this.#load();
    return keys.map((key) => pins.get(key));
  }

  async put(pins: readonly StoredPin[]): Promise<void> {
    if (pins.length === 0) return;
    const entries = pins.map(({ id, pin }) => [pinKey(id), pin] as const);
    await this.#update((all) => {
      for (const [key, pin] of entries) all.set(key, pin);
    });
  }

  async list(): Promise<readonly StoredPin[]> {
    return [...(await this.#load())].map(([key, pin]) => ({ id: readPinKey(key), pin }));
  }

  async remove(ids: readonly PinId[]): Promise<void> {
    if (ids.length === 0) return;
    const keys = ids.map(pinKey);
    await this.#update((all) => {
      for (const key of keys) all.delete(key);
    });
  }

  async #update(change: (all: Map<string, Pin>) => void): Promise<void> {
    await guarded(async () =>
      updateFile(
        this.#path,
        (current) => {
          const all = new Map(current === undefined ? [] : read(current));
          change(all);
          return encodeUtf8(`${canonicalJson({ version: 1, pins: Object.fromEntries(all) })}\n`);
        },
        { maxBytes: MAX_BYTES },
      ),
    );
  }

  async #load(): Promise<ReadonlyMap<string, Pin>> {
    return guarded(async () => {
      const generation = fileGeneration(this.#path);
      if (generation === undefined) return new Map<string, Pin>();
      if (this.#cached !== undefined && sameGeneration(this.#cached.generation, generation))
        return this.#cached.pins;
      const file = await readPrivateFile(this.#path, { maxBytes: MAX_BYTES });
      this.#cached = { generation: file.generation, pins: read(file) };
      return this.#cached.pins;
    });
  }
}

function read({ bytes }: PrivateFile): ReadonlyMap<string, Pin> {
  let file: JsonObject;
  try {
    file = parseJson(bytes, { maxBytes: MAX_BYTES, reservedNames: [] }) as JsonObject;
  } catch (cause) {
    throw corrupt("it is not JSON", cause);
  }
  const pins = file?.["pins"];
  if (file?.["version"] !== 1 || typeof pins !== "object" || pins === null)
    throw corrupt("its version is unknown");
  return new Map(Object.entries(pins).map(([key, pin]) => [key, readPin(pin as unknown)]));
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (SchemaPinError.is(cause)) throw cause;
    const why = FilestoreError.is(cause) ? `: ${cause.message}` : "";
    throw new SchemaPinError("SCHEMAPIN_PIN_STORE_UNAVAILABLE", `pin store cannot be used${why}`, {
      cause,
      retryable: FilestoreError.is(cause) && cause.retryable,
    });
  }
}
