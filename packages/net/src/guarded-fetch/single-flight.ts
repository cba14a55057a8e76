import { untilAborted } from "./deadline.ts";

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiters: number;
}

/** Lets callers that ask for the same thing at the same time share one run. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /**
   * Joins the run under `key`, or starts it. One caller's signal only takes that caller out; when the last one
   * has left, the run itself is aborted.
   */
  async join(
    key: string,
    signal: AbortSignal | undefined,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const flight = this.#flights.get(key) ?? this.#start(key, run);
    flight.waiters += 1;
    try {
      return signal === undefined ? await flight.result : await untilAborted(flight.result, signal);
    } finally {
      flight.waiters -= 1;
      if (flight.waiters === 0 && this.#end(key, flight)) flight.controller.abort();
    }
  }

  #start(key: string, run: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const flight: Flight<T> = { result: run(controller.signal), controller, waiters: 0 };
    this.#flights.set(key, flight);
    const end = (): boolean => this.#end(key, flight);
    flight.result.then(end, end);
    return flight;
  }

  /** Takes a run out of the list; false when it had been already. */
  #end(key: string, flight: Flight<T>): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }
}
