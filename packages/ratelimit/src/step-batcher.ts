import { Breaker } from "./breaker.ts";
import type { StoredLimit } from "./limit.ts";
import type { RateStep, RateStore } from "./rate-store.ts";

/** What the store said about one step: `-1 - reset` or `reset` per limit. */
export type StepReply = readonly number[];

interface Batch {
  readonly steps: RateStep[];
  readonly answer: ((reply: StepReply | undefined) => void)[];
}

const MAX_STEPS = 128;

/**
 * Sends the steps of one turn of the event loop as one call, with a deadline and behind a breaker. Nothing is ever
 * queued or sent a second time.
 */
export class StepBatcher {
  readonly #store: RateStore;
  readonly #limits: readonly StoredLimit[];
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #breaker = new Breaker();
  readonly #batches = new Map<string, Batch>();

  constructor(store: RateStore, limits: readonly StoredLimit[], timeoutMs: number, now: () => number) {
    this.#store = store;
    this.#limits = limits;
    this.#timeoutMs = timeoutMs;
    this.#now = now;
  }

  /** Milliseconds until the store is asked again; 0 while it is. */
  get pauseLeftMs(): number {
    return this.#breaker.pauseLeftMs(this.#now());
  }

  /** Gives the store's reply, or undefined when there is none: at once while the breaker is open. */
  send(step: RateStep): Promise<StepReply | undefined> | undefined {
    const group = this.#store.singleKey === true ? step.key : "";
    let batch = this.#batches.get(group);
    if (batch === undefined) {
      if (!this.#breaker.enter(this.#now())) return undefined;
      batch = { steps: [], answer: [] };
      this.#batches.set(group, batch);
      const opened = batch;
      endOfTurn(() => this.#close(group, opened));
    }
    const { steps, answer } = batch;
    steps.push(step);
    const reply = new Promise<StepReply | undefined>((resolve) => answer.push(resolve));
    // The full batch leaves now; its turn's end then finds it gone.
    if (steps.length >= MAX_STEPS) this.#close(group, batch);
    return reply;
  }

  #close(group: string, batch: Batch): void {
    if (this.#batches.get(group) !== batch) return;
    this.#batches.delete(group);
    void this.#run(batch);
  }

  async #run({ steps, answer }: Batch): Promise<void> {
    const replies = await this.#call(steps);
    if (replies === undefined) this.#breaker.failed(this.#now());
    else this.#breaker.succeeded();
    const width = this.#limits.length;
    for (const [index, resolve] of answer.entries())
      resolve(replies?.slice(index * width, (index + 1) * width));
  }

  /** The replies to all steps, or undefined for any kind of failure, a reply of the wrong shape among them. */
  async #call(steps: readonly RateStep[]): Promise<readonly number[] | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<undefined>((resolve) => {
      // When this process was busy, the reply may be waiting to be read: let it be, before giving up.
      timer = setTimeout(() => setTimeout(() => resolve(undefined), 0), this.#timeoutMs);
    });
    try {
      const replies = await Promise.race([this.#store.apply(this.#limits, steps), deadline]);
      if (replies?.length !== steps.length * this.#limits.length) return undefined;
      return replies.every(Number.isSafeInteger) ? replies : undefined;
    } catch {
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Runs when everything that is ready now has been handled; without an event loop to ask, after the microtasks. */
function endOfTurn(run: () => void): void {
  if (typeof setImmediate === "function") setImmediate(run);
  else setTimeout(run, 0);
}
