import { unavailable } from "../as-audit-error.ts";
import type { AuditError } from "../audit-error.ts";
import { Fifo } from "./fifo.ts";

/** Somebody who waits, but not for ever. */
export interface Waiting {
  /** Monotonic milliseconds. */
  readonly deadline: number;
  /** Set when the deadline passed. */
  expired: boolean;
  /** Set when there was an answer. */
  settled: boolean;
  /** Answers that it was in vain. */
  refuse(error: AuditError): void;
}

/** Tells those who wait too long that they wait in vain: one timer for all, which have the same patience. */
export class Deadlines {
  readonly #waiting = new Fifo<Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  add(waiting: Waiting): void {
    if (waiting.deadline === Number.POSITIVE_INFINITY) return;
    this.#forgetSettled();
    this.#waiting.push(waiting);
    this.#arm();
  }

  /** Nobody is told any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const first = this.#waiting.first;
    if (this.#timer !== undefined || first === undefined) return;
    this.#timer = setTimeout(() => this.#expire(), Math.max(1, first.deadline - performance.now()));
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (let first = this.#waiting.first; first !== undefined; first = this.#waiting.first) {
      if (!first.settled) {
        if (first.deadline > now) break;
        first.refuse(unavailable("the record took too long to become durable"));
        first.expired = true;
      }
      this.#waiting.shift();
    }
    this.#arm();
  }

  #forgetSettled(): void {
    while (this.#waiting.first?.settled === true) this.#waiting.shift();
  }
}
