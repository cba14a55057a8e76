import { NetError } from "../errors.ts";

/** A signal that ends some work, by itself or together with an outer one. */
export interface Deadline {
  /** Its reason is always a {@link NetError}. */
  readonly signal: AbortSignal;
  /** Lets go of the timer and of the outer signal. */
  readonly clear: () => void;
}

/**
 * Starts the clock for one piece of work. The timer keeps the process alive: whoever waits gets an answer.
 * @param what appears in the message, for example `fetch`.
 */
export function startDeadline(timeoutMs: number, what: string, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const onOuter = (): void => controller.abort(abortError(outer as AbortSignal));
  const timer = setTimeout(() => {
    controller.abort(new NetError("NET_TIMEOUT", `${what} took longer than ${timeoutMs} ms`));
  }, timeoutMs);
  if (outer?.aborted) onOuter();
  outer?.addEventListener("abort", onOuter, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", onOuter);
    },
  };
}

/** The error that an aborted signal stands for. */
export function abortError(signal: AbortSignal): NetError {
  const reason: unknown = signal.reason;
  if (reason instanceof NetError) return reason;
  return new NetError("NET_ABORTED", "fetch was aborted by its caller", { cause: reason });
}

/** Settles as `work` does, unless the signal fires first; what `work` does afterwards no longer matters. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
