interface Shown {
  readonly value: unknown;
  readonly read: () => void;
  readonly left: (error: Error) => void;
}

/**
 * Yields what `work` shows while it runs, then what it comes to. `work` goes on only as fast as the reader reads, and
 * is told by a rejected `show` when the reader has left.
 */
export async function* relay(
  work: (show: (value: unknown) => Promise<void>) => Promise<unknown>,
): AsyncGenerator<unknown, void> {
  const queue = new Handover();
  const result = work((value) => queue.show(value)).finally(() => queue.end());
  // Waited for below, at the latest when the reader leaves.
  result.catch(() => undefined);
  try {
    let last: { readonly value: unknown } | undefined;
    for (let shown = await queue.next(); shown !== undefined; shown = await queue.next()) {
      last = shown;
      yield shown.value;
      shown.read();
    }
    const value = await result;
    // A host takes the last value for the result: shown once is enough.
    if (last === undefined || last.value !== value) yield value;
  } finally {
    queue.leave();
    await result.catch(() => undefined);
  }
}

/** Whether a tool gave a stream of values. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** Hands values from one side to the other, one at a time. */
class Handover {
  #shown: Shown | undefined;
  #taken: Shown | undefined;
  #ended = false;
  #gone = false;
  #wake: (() => void) | undefined;

  show(value: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#gone) {
        reject(left());
        return;
      }
      this.#shown = { value, read: resolve, left: reject };
      this.#wake?.();
    });
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next value; undefined when there is none any more. */
  async next(): Promise<Shown | undefined> {
    while (this.#shown === undefined && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#taken = this.#shown;
    this.#shown = undefined;
    return this.#taken;
  }

  /** The reader reads no further. */
  leave(): void {
    this.#gone = true;
    this.#taken?.left(left());
    this.#shown?.left(left());
  }
}

function left(): Error {
  return new Error("the host reads no further");
}
