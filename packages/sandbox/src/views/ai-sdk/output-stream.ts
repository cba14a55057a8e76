/** Output that waits for its reader; what is beyond the bound of the run ends the run, so that this is bounded too. */
export class OutputStream {
  readonly readable: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor() {
    this.readable = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => {
        this.#controller = undefined;
      },
    });
  }

  push(data: Uint8Array): void {
    this.#controller?.enqueue(new Uint8Array(data));
  }

  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }
}
