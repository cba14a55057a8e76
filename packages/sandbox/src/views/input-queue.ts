import { SandboxError } from "../sandbox-error.ts";

/** Messages that wait until they are read, not more of them than a bound of bytes. */
export class InputQueue implements AsyncIterable<Uint8Array> {
  readonly #maxBytes: number;
  readonly #waiting: Uint8Array[] = [];
  #bytes = 0;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @throws SandboxError `SANDBOX_CAPACITY` when too much waits already. */
  push(message: Uint8Array): void {
    if (this.#bytes + message.length > this.#maxBytes)
      throw new SandboxError("SANDBOX_CAPACITY", "the server does not read its messages", {
        retryable: true,
      });
    this.#waiting.push(message);
    this.#bytes += message.length;
    this.#wake?.();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#bytes -= next.length;
        yield next;
      } else if (this.#hasEnded) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
