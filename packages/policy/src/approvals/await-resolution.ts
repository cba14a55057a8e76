import type { ApprovalEntry } from "./approval-entry.ts";
import type { ApprovalWaiters } from "./approval-waiters.ts";

/** How a wait ends by itself. */
export interface ResolutionWait {
  readonly waiters: ApprovalWaiters;
  /** The entry as the store has it now. */
  readonly read: () => Promise<ApprovalEntry | undefined>;
  readonly signal: AbortSignal;
  /** Time until the deadline. Measured by a timer, which no change of the clock moves. */
  readonly timeoutMs: number;
  readonly pollMs: number;
}

/** Longest delay that a timer takes. */
const MAX_TIMER_MS = 2_147_483_647;

/** Waits until an entry is resolved, by whatever process, or until time or patience runs out. */
export async function awaitResolution(
  entry: ApprovalEntry,
  { waiters, read, signal, timeoutMs, pollMs }: ResolutionWait,
): Promise<ApprovalEntry | "expired" | "aborted"> {
  if (entry.status !== "pending") return entry;
  if (timeoutMs <= 0) return "expired";
  if (signal.aborted) return "aborted";
  return new Promise((resolve) => {
    const settle = (outcome: ApprovalEntry | "expired" | "aborted"): void => {
      clearTimeout(timer);
      clearInterval(poll);
      forget();
      signal.removeEventListener("abort", abort);
      resolve(outcome);
    };
    const abort = (): void => settle("aborted");
    const look = async (): Promise<void> => {
      try {
        const now = await read();
        if (now === undefined) settle("expired");
        else if (now.status !== "pending") settle(now);
      } catch {
        // A store that is away for a moment; the deadline stands.
      }
    };
    const timer = setTimeout(() => settle("expired"), Math.min(timeoutMs, MAX_TIMER_MS));
    const poll = setInterval(() => void look(), pollMs);
    const forget = waiters.add(entry.id, settle);
    signal.addEventListener("abort", abort, { once: true });
    void look(); // it may have been resolved before anybody listened
  });
}

/** Waits until a signal aborts, or for so long. */
export async function aborted(signal: AbortSignal, timeoutMs: number): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", settle);
      resolve();
    };
    const timer = setTimeout(settle, timeoutMs);
    signal.addEventListener("abort", settle);
  });
}
