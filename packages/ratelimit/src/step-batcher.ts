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
 * Sends steps in calls, each with a deadline and behind a breaker. What is asked while nothing is under way leaves as
 * soon as the code that asks is done; what is asked while a call is under way is gathered until the end of the turn
 * of the event loop. Nothing is ever queued or sent a second time.
 */
export class StepBatcher {
  readonly #store: RateStore;
  readonly #limits: readonly StoredLimit[];
  readonly #timeoutMs: number;
  readonly #now: () => number;
  readonly #breaker = new Breaker();
  readonly #batches = new Map<string, Batch>();
  #underWay = 0;

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
      const close = (): void => this.#close(group, opened);
      if (this.#underWay === 0) queueMicrotask(close);
      else endOfTurn(close);
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
    this.#call(batch);
  }

  #call({ steps, answer }: Batch): void {
    let late: ReturnType<typeof setTimeout> | undefined;
    this.#underWay += 1;
    const settle = (replies: readonly number[] | undefined): void => {
      if (late === undefined) return;
      clearTimeout(late);
      late = undefined;
      this.#underWay -= 1;
      if (replies === undefined) this.#breaker.failed(this.#now());
      else this.#breaker.succeeded();
      const width = this.#limits.length;
      for (let index = 0; index < answer.length; index += 1)
        answer[index]?.(replies?.slice(index * width, (index + 1) * width));
    };
    late = setTimeout(() => {
      // When this process was busy, the reply may be waiting to be read: let it be, before giving up.
      late = setTimeout(settle, 0, undefined);
    }, this.#timeoutMs);
    this.#apply(steps).then(
      (replies) => settle(isReply(replies, steps.length * this.#limits.length) ? replies : undefined),
      () => settle(undefined),
    );
  }

  /** A throw that is no rejection becomes one. */
  async #apply(steps: readonly RateStep[]): Promise<readonly number[]> {
    return this.#store.apply(this.#limits, steps);
  }
}

/** A reply of any other shape is no reply. */
function isReply(replies: readonly number[] | null | undefined, length: number): boolean {
  return Array.isArray(replies) && replies.length === length && replies.every(Number.isSafeInteger);
}

/** Runs when everything that is ready now has been handled; without an event loop to ask, after the microtasks. */
function endOfTurn(run: () => void): void {
  if (typeof setImmediate === "function") setImmediate(run);
  else setTimeout(run, 0);
}
