import {
  FilestoreError,
  fileGeneration,
  type Generation,
  readPrivateFile,
  sameGeneration,
  updateFile,
} from "@symbiont/filestore";
import { encodeUtf8 } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";
import { boundPins } from "./bounded-pins.ts";
import { exportPins, importPins, MAX_PIN_BYTES } from "./pin-json.ts";
import type { DomainPins, ManagedPinStore } from "./pin-store.ts";

type Pins = ReadonlyMap<string, DomainPins>;

/**
 * Keeps pins in one private file in the form of AgentPin's implementations, shared safely between processes; reads
 * Symbiont's file as well. A file that is broken, or that others may write, throws: an empty store would trust whoever
 * comes first, again.
 *
 * @throws AgentPinError from its methods: `AGENTPIN_PIN_STORE_CORRUPT`, `AGENTPIN_PIN_STORE_UNAVAILABLE`.
 */
export class FilePinStore implements ManagedPinStore {
  readonly #path: string;
  #cached: { readonly generation: Generation; readonly pins: Pins } | undefined;

  /** @param path of the file; its folder must exist. */
  constructor(path: string) {
    this.#path = path;
  }

  async get(domain: string): Promise<DomainPins | undefined> {
    return (await this.#load()).get(domain);
  }

  async update(
    domain: string,
    change: (current: DomainPins | undefined) => DomainPins | undefined,
  ): Promise<void> {
    await guarded(async () =>
      updateFile(
        this.#path,
        (current) => {
          const pins = new Map(current === undefined ? [] : read(current.bytes));
          const before = pins.get(domain);
          const next = change(before);
          if (next === before) return undefined;
          if (next === undefined) pins.delete(domain);
          else pins.set(domain, next);
          boundPins(pins);
          return encodeUtf8(exportPins(pins.values()));
        },
        { maxBytes: MAX_PIN_BYTES },
      ),
    );
  }

  async list(): Promise<readonly DomainPins[]> {
    return [...(await this.#load()).values()];
  }

  async #load(): Promise<Pins> {
    return guarded(async () => {
      const generation = fileGeneration(this.#path);
      if (generation === undefined) return new Map<string, DomainPins>();
      if (this.#cached !== undefined && sameGeneration(this.#cached.generation, generation))
        return this.#cached.pins;
      const file = await readPrivateFile(this.#path, { maxBytes: MAX_PIN_BYTES });
      this.#cached = { generation: file.generation, pins: read(file.bytes) };
      return this.#cached.pins;
    });
  }
}

function read(bytes: Uint8Array): Pins {
  return new Map(importPins(bytes).map((pins) => [pins.domain, pins]));
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (AgentPinError.is(cause)) throw cause;
    const why = FilestoreError.is(cause) ? `: ${cause.message}` : "";
    throw new AgentPinError("AGENTPIN_PIN_STORE_UNAVAILABLE", `pin store cannot be used${why}`, {
      cause,
      retryable: FilestoreError.is(cause) && cause.retryable,
    });
  }
}
