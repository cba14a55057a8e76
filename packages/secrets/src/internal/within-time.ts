import { SecretError } from "../errors.ts";
import { assertNotAborted } from "../internal/abortable.ts";

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** How long a provider may take. */
export interface TimeLimit {
  /** Id of the provider, for messages. */
  readonly id: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Checks an option `timeoutMs`. */
export function checkedTimeout(timeoutMs: number): number {
  if (!Number.isFinite(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS)
    throw new RangeError(`timeoutMs must be between 1 and ${MAX_TIMEOUT_MS}`);
  return timeoutMs;
}

/**
 * Waits for `work` until the time is up or the caller's signal fires; `work` is told by its own signal. What comes
 * later goes to `discard`.
 * @throws SecretError `SECRET_TIMED_OUT`, `SECRET_ABORTED`; what `work` throws.
 */
export async function withinTime<T>(
  limit: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
  discard?: (late: T) => void,
): Promise<T> {
  const { id, timeoutMs, signal } = limit;
  assertNotAborted(signal);
  const stop = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason as Error), { once: true });
  });
  const onAbort = (): void => stop.abort(new SecretError("SECRET_ABORTED", "the call was aborted"));
  const timer = setTimeout(() => {
    stop.abort(new SecretError("SECRET_TIMED_OUT", `key provider ${id} gave no answer in ${timeoutMs} ms`));
  }, timeoutMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const working = work(stop.signal);
    working.then(
      (value) => stop.signal.aborted && discard?.(value),
      () => undefined,
    );
    return await Promise.race([working, stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
