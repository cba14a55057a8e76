import { type Denial, isDenied, type ToolCallRequest } from "@symbiont/core";
import type { GuardedCalls } from "../../host/guarded-calls.ts";

/** A call that the gate has let through and that the host runs by itself. */
interface RunningCall {
  readonly returned: () => void;
  readonly threw: (error: Error) => void;
  /** Settles when the outcome is on record, and rejects when it could not be recorded. */
  readonly recorded: Promise<unknown>;
}

/** Calls that the host runs on its own, between two events: one before and one after. */
export class RunningCalls {
  readonly #calls: GuardedCalls;
  readonly #running = new Map<string, RunningCall>();

  constructor(calls: GuardedCalls) {
    this.#calls = calls;
  }

  has(id: string): boolean {
    return this.#running.has(id);
  }

  /** Lets a call through, its intent on record; or gives the denial. */
  async begin(id: string, request: ToolCallRequest): Promise<Denial | undefined> {
    let begun!: () => void;
    const running = new Promise<undefined>((resolve) => {
      begun = () => resolve(undefined);
    });
    let returned!: () => void;
    let threw!: (error: Error) => void;
    const done = new Promise<void>((resolve, reject) => {
      returned = resolve;
      threw = reject;
    });
    const recorded = this.#calls.run(request, async () => {
      begun();
      await done;
    });
    recorded.catch(() => undefined);
    const denial = await Promise.race([
      running,
      recorded.then((result) => (isDenied(result) ? result : undefined)),
    ]);
    if (denial === undefined) this.#running.set(id, { returned, threw, recorded });
    return denial;
  }

  /**
   * Notes how a call ended.
   * @throws GateError `GATE_OUTCOME_NOT_RECORDED`.
   */
  async end(id: string, failure?: Error): Promise<void> {
    const call = this.#running.get(id);
    if (call === undefined) return;
    this.#running.delete(id);
    if (failure === undefined) {
      call.returned();
      await call.recorded;
      return;
    }
    call.threw(failure);
    await call.recorded.catch((error: unknown) => {
      if (error !== failure) throw error;
    });
  }
}
