import { ModelLogError } from "../model-log-error.ts";

/** A caller who waits, but not for ever. */
export interface Caller {
  /** Monotonic milliseconds; `Infinity` for who waits as long as it takes. */
  readonly deadline: number;
  /** Set when the caller was told that it takes too long. */
  expired?: boolean;
  /** Set when the caller has had an answer. */
  settled?: boolean;
  readonly reject: (error: ModelLogError) => void;
}

/** The error of whoever waited too long. */
export function tookTooLong(): ModelLogError {
  return new ModelLogError("MODEL_LOG_UNAVAILABLE", "it took too long to become durable", {
    retryable: true,
  });
}

/** Tells callers who wait too long, in the order in which they came: one timer for all, which have the same patience. */
export class Patience {
  readonly #gaveUp: () => void;
  #callers: Caller[] = [];
  /** Callers before this one have had their answer. */
  #first = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param gaveUp told when callers have expired. */
  constructor(gaveUp: () => void) {
    this.#gaveUp = gaveUp;
  }

  add(caller: Caller): void {
    if (caller.deadline === Number.POSITIVE_INFINITY) return;
    this.#forgetSettled();
    this.#callers.push(caller);
    if (this.#timer === undefined) this.#lookAt(caller.deadline);
  }

  /** They hold their records. */
  #forgetSettled(): void {
    while (this.#callers[this.#first]?.settled === true) this.#first += 1;
    if (this.#first < 512) return;
    this.#callers.splice(0, this.#first);
    this.#first = 0;
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    let expired = false;
    this.#callers = this.#callers.slice(this.#first).filter((caller) => {
      if (caller.settled === true) return false;
      if (caller.deadline > now) return true;
      caller.expired = true;
      caller.reject(tookTooLong());
      expired = true;
      return false;
    });
    this.#first = 0;
    const [first] = this.#callers;
    if (first !== undefined) this.#lookAt(first.deadline);
    if (expired) this.#gaveUp();
  }

  #lookAt(deadline: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.max(1, deadline - performance.now()));
  }
}

/** Waits for work, but not longer than this; the work goes on. @throws ModelLogError `MODEL_LOG_UNAVAILABLE` */
export async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tookTooLong()), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
