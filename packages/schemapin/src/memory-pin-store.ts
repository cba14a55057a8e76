import { readPinKey } from "./pin-json.ts";
import { type ManagedPinStore, type Pin, type PinId, pinKey, type StoredPin } from "./pin-store.ts";

/** Keeps pins for the life of the process: for tests, and for hosts that provision everything at start. */
export class MemoryPinStore implements ManagedPinStore {
  readonly #pins = new Map<string, Pin>();

  async get(id: PinId): Promise<Pin | undefined> {
    return this.#pins.get(pinKey(id));
  }

  async put(pins: readonly StoredPin[]): Promise<void> {
    for (const { id, pin } of pins) this.#pins.set(pinKey(id), pin);
  }

  async list(): Promise<readonly StoredPin[]> {
    return [...this.#pins].map(([key, pin]) => ({ id: readPinKey(key), pin }));
  }

  async remove(ids: readonly PinId[]): Promise<void> {
    for (const id of ids) this.#pins.delete(pinKey(id));
  }
}
