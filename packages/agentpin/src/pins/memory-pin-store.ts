import { boundPins } from "./bounded-pins.ts";
import type { DomainPins, ManagedPinStore } from "./pin-store.ts";

/** Keeps pins for the life of the process. */
export class MemoryPinStore implements ManagedPinStore {
  readonly #pins = new Map<string, DomainPins>();

  /** @param pins to begin with, for example from `importPins`. */
  constructor(pins: readonly DomainPins[] = []) {
    for (const one of pins) this.#pins.set(one.domain, one);
  }

  get(domain: string): DomainPins | undefined {
    return this.#pins.get(domain);
  }

  update(domain: string, change: (current: DomainPins | undefined) => DomainPins | undefined): void {
    const next = change(this.#pins.get(domain));
    if (next === undefined) this.#pins.delete(domain);
    else this.#pins.set(domain, next);
    boundPins(this.#pins);
  }

  list(): readonly DomainPins[] {
    return [...this.#pins.values()];
  }
}
