import { GrowingBytes } from "../../run/growing-bytes.ts";

/** Output that waits for its reader; what is beyond the bound of the run ends the run, so that this is bounded too. */
export class OutputStream {
  readonly readable: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** What nobody has asked for yet. */
  readonly #waiting = new GrowingBytes();
  #hasEnded = false;

  constructor() {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#give(),
      cancel: () => {
        this.#controller = undefined;
        this.#waiting.take();
      },
    });
  }

  push(data: Uint8Array): void {
    if (this.#controller === undefined) return;
    this.#waiting.push(data);
    this.#give();
  }

  end(): void {
    this.#hasEnded = true;
    this.#give();
  }

  /** Gives the reader what there is when it is asked for, and the end after all of it. */
  #give(): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    const isWanted = (controller.desiredSize ?? 0) > 0;
    if (this.#waiting.length > 0 && (isWanted || this.#hasEnded)) controller.enqueue(this.#waiting.take());
    if (!this.#hasEnded) return;
    this.#controller = undefined;
    controller.close();
  }
}
