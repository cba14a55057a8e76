import { type Pin, type PinId, type PinStore, pinKey } from "./pin-store.ts";

/** Keeps pins for the life of the process: for tests, and for hosts that provision everything at start. */
export class MemoryPinStore implements PinStore {
  readonly #pins = new Map<string, Pin>();

  async get(id: PinId): Promise<Pin | undefined> {
    return this.#pins.get(pinKey(id));
  }

  async put(pins: readonly { readonly id: PinId; readonly pin: Pin }[]): Promise<void> {
    for (const { id, pin } of pins) this.#pins.set(pinKey(id), pin);
  }
}
