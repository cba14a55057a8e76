import type { AuditLog } from "./audit-log.ts";

/** When a log is closed. */
export interface CloseOnExitOptions {
  /** Signals at which the log is closed before the process ends by them. Default SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
}

/**
 * Has a log closed when the process ends: at a signal and when there is nothing more to do, with its last checkpoint;
 * at `process.exit` and an uncaught error by one blocking write of what is waiting. An uncaught error is recorded with its
 * name and code, and ends the process as it would have.
 * @returns a function that takes the handlers away again; close the log yourself then.
 */
export function closeOnExit(
  log: AuditLog,
  { signals = ["SIGTERM", "SIGINT"] }: CloseOnExitOptions = {},
): () => void {
  const close = async (): Promise<void> => log.close().catch(() => undefined);
  const onSignal = (signal: NodeJS.Signals): void => {
    void close().finally(() => {
      undo();
      // Whoever waits for the process learns that it was the signal.
      process.kill(process.pid, signal);
    });
  };
  const onIdle = (): void => void close();
  const onCrash = (error: unknown): void => log.recordCrash(error);
  const onExit = (): void => log.flushNow();
  for (const signal of signals) process.on(signal, onSignal);
  process.on("beforeExit", onIdle).on("uncaughtExceptionMonitor", onCrash).on("exit", onExit);
  function undo(): void {
    for (const signal of signals) process.off(signal, onSignal);
    process.off("beforeExit", onIdle).off("uncaughtExceptionMonitor", onCrash).off("exit", onExit);
  }
  return undo;
}
