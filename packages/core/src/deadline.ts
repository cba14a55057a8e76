import { type Denial, deny, type GateDenialCode } from "./denial.ts";

/** How long something may take, and what it means when it takes longer. */
export interface Deadline {
  /** What is being done, for the reason: "the … check took too long". */
  readonly name: string;
  readonly timeoutMs: number;
  /** Cancels the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Default `GATE_STAGE_TIMED_OUT`. */
  readonly timedOut?: GateDenialCode;
  /** Default `GATE_STAGE_FAILED`. */
  readonly failed?: GateDenialCode;
}

/**
 * Waits for `work`, but no longer than the deadline and not past an abort. Whatever goes wrong is a denial:
 * a check that throws, hangs or is cancelled must not let a call through. A late result is dropped.
 */
export async function withDeadline<T extends object>(
  { name, timeoutMs, signal, timedOut = "GATE_STAGE_TIMED_OUT", failed = "GATE_STAGE_FAILED" }: Deadline,
  work: () => Promise<T | Denial>,
): Promise<T | Denial> {
  if (signal?.aborted === true) return deny("GATE_CANCELLED", "the call was cancelled");
  return new Promise((resolve) => {
    const settle = (result: T | Denial): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      resolve(result);
    };
    const cancel = (): void => settle(deny("GATE_CANCELLED", "the call was cancelled"));
    const timer = setTimeout(() => settle(deny(timedOut, `the ${name} check took too long`)), timeoutMs);
    signal?.addEventListener("abort", cancel, { once: true });
    const fail = (): void => settle(deny(failed, `the ${name} check failed`));
    // An answer that is no object is none: a sink that gives no receipt has promised nothing.
    const take = (result: unknown): void =>
      typeof result === "object" && result !== null ? settle(result as T | Denial) : fail();
    work().then(take, fail);
  });
}
