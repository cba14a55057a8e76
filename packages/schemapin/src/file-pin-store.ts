import { FilestoreError, ParsedFile, type PrivateFile, updateFile } from "@symbiont/filestore";
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
  readonly #file: ParsedFile<ReadonlyMap<string, Pin>>;

  /** @param path of the file; its folder must exist. */
  constructor(path: string) {
    this.#path = path;
    this.#file = new ParsedFile(path, { maxBytes: MAX_BYTES, parse: read });
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
          const all = new Map(read(current));
          change(all);
          return encodeUtf8(`${canonicalJson({ version: 1, pins: Object.fromEntries(all) })}\n`);
        },
        { maxBytes: MAX_BYTES },
      ),
    );
  }

  async #load(): Promise<ReadonlyMap<string, Pin>> {
    return guarded(async () => this.#file.read());
  }
}

function read(stored: PrivateFile | undefined): ReadonlyMap<string, Pin> {
  if (stored === undefined) return new Map();
  let file: JsonObject;
  try {
    file = parseJson(stored.bytes, { maxBytes: MAX_BYTES, reservedNames: [] }) as JsonObject;
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
