import { SecretError } from "../../errors.ts";

/** Waits for work that others wait for too: who no longer wants to wait leaves, and the work goes on. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let leave: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () =>
      reject(
        SecretError.is(signal.reason)
          ? signal.reason
          : new SecretError("SECRET_ABORTED", "the call was aborted"),
      );
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (leave !== undefined) signal.removeEventListener("abort", leave);
  }
}
