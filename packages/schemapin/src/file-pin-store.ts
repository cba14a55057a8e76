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
import { type Pin, type PinId, type PinStore, pinKey } from "./pin-store.ts";
import { SchemaPinError } from "./schemapin-error.ts";

const MAX_BYTES = 16 << 20;
const HASH = /^sha256:[0-9a-f]{64}$/;

/**
 * Keeps pins in one private file, shared safely between processes. A file that is broken, or that others may write,
 * throws: an empty store would trust whoever comes first, again.
 *
 * @throws SchemaPinError from its methods: `SCHEMAPIN_PIN_STORE_CORRUPT`, `SCHEMAPIN_PIN_STORE_UNAVAILABLE`.
 */
export class FilePinStore implements PinStore {
  readonly #path: string;
  #cached: { readonly generation: Generation; readonly pins: ReadonlyMap<string, Pin> } | undefined;

  /** @param path of the file; its folder must exist. */
  constructor(path: string) {
    this.#path = path;
  }

  async get(id: PinId): Promise<Pin | undefined> {
    return (await this.#load()).get(pinKey(id));
  }

  async put(pins: readonly { readonly id: PinId; readonly pin: Pin }[]): Promise<void> {
    if (pins.length === 0) return;
    await guarded(async () =>
      updateFile(
        this.#path,
        (current) => {
          const all = new Map(current === undefined ? [] : read(current));
          for (const { id, pin } of pins) all.set(pinKey(id), pin);
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

function readPin(value: unknown): Pin {
  const { fingerprint, digest, firstSeen, trust } = (value ?? {}) as Record<string, unknown>;
  const sound =
    (fingerprint === undefined || isHash(fingerprint)) &&
    (digest === undefined || isHash(digest)) &&
    (fingerprint !== undefined || digest !== undefined) &&
    typeof firstSeen === "number" &&
    (trust === "tofu" || trust === "provisioned");
  if (!sound) throw corrupt("a pin is malformed");
  return value as Pin;
}

function isHash(value: unknown): boolean {
  return typeof value === "string" && HASH.test(value);
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

function corrupt(why: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_PIN_STORE_CORRUPT", `pin store is corrupt: ${why}`, { cause });
}
