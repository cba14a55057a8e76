import type { Clock } from "@symbiont/kit";
import { SessionHistory } from "./session-history.ts";

/** Options of {@link SessionMemory}. */
export interface SessionMemoryOptions {
  /** Most sessions at once. When there are more, new ones are refused; none is forgotten for them. Default 10,000. */
  readonly maxSessions?: number;
  /** How long a session is remembered after its last action, in milliseconds. Default 24 hours. */
  readonly idleMs?: number;
  /** Default the system's. */
  readonly clock?: Clock;
}

/**
 * Remembers sessions in this process. A session that several processes serve must be kept in one of them, or each
 * knows only a part of what was read.
 */
export class SessionMemory {
  readonly #maxSessions: number;
  readonly #idleMs: number;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, SessionHistory>();

  /** @throws RangeError for an option that makes no sense. */
  constructor({ maxSessions = 10_000, idleMs = 86_400_000, clock = Date }: SessionMemoryOptions = {}) {
    for (const [name, value] of Object.entries({ maxSessions, idleMs })) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new RangeError(`${name} must be a whole number from 1`);
    }
    this.#maxSessions = maxSessions;
    this.#idleMs = idleMs;
    this.#clock = clock;
  }

  /** How many sessions are remembered. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The history of a session, begun if need be; undefined when there is no room for it. */
  open(id: string): SessionHistory | undefined {
    const now = this.#clock.now();
    let session = this.#sessions.get(id);
    if (session === undefined) {
      if (this.#sessions.size >= this.#maxSessions) this.#forgetIdle(now);
      if (this.#sessions.size >= this.#maxSessions) return undefined;
      session = new SessionHistory(id);
    } else if (this.#isIdle(session, now)) session = new SessionHistory(id);
    session.lastUsed = now;
    this.#sessions.delete(id);
    this.#sessions.set(id, session); // the longest unused comes first
    return session;
  }

  /** Forgets a session: the host knows that nothing of it lives on, in no context and no memory of the agent. */
  end(id: string): void {
    this.#sessions.delete(id);
  }

  #forgetIdle(now: number): void {
    for (const [id, session] of this.#sessions) {
      if (!this.#isIdle(session, now)) return;
      this.#sessions.delete(id);
    }
  }

  #isIdle(session: SessionHistory, now: number): boolean {
    return !session.isBusy && now - session.lastUsed > this.#idleMs;
  }
}
