import { AuditError } from "../audit-error.ts";
import type { JournalRecord } from "../read/journal-records.ts";
import type { RecordSink } from "./record-sink.ts";

/** Sends one batch. @throws AuditError `AUDIT_UNAVAILABLE` when the sink does not take it, or not in time. */
export async function sendBatch(
  sink: RecordSink,
  batch: readonly JournalRecord[],
  { timeoutMs, stopping }: { readonly timeoutMs: number; readonly stopping: AbortSignal },
): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]);
  try {
    await untilAborted(sink.send(batch, signal), signal);
  } catch (cause) {
    if (AuditError.is(cause)) throw cause;
    throw new AuditError("AUDIT_UNAVAILABLE", `the sink ${sink.name} did not take the records`, {
      cause,
      retryable: true,
    });
  }
}

/** Waits, unless it is told to stop. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms).unref();
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}

/** A sink that does not look at its signal is not waited for. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => reject(new Error("the batch took too long, or was stopped"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
