import { FilestoreError } from "@symbiont/filestore";
import type { AuditError } from "../audit-error.ts";
import type { Entry } from "./entry.ts";

/** Tells who waits for a record how it ended, unless they were told that it took too long. */
export function settle(entry: Entry, result: number | undefined | AuditError): void {
  entry.settled = true;
  if (entry.expired === true) return;
  if (typeof result === "number") entry.done(result);
  else if (result !== undefined) entry.failed(result);
}

/** Tells everybody who waits for these records that they are not kept. */
export function settleAll(entries: readonly Entry[], error: AuditError): void {
  for (const entry of entries) settle(entry, error);
}

/** Whether an error leaves the file as it was before the write, so that the next one may succeed. */
export function isHarmless(error: unknown): boolean {
  return FilestoreError.is(error) && ["FILE_NO_SPACE", "FILE_ACCESS_DENIED", "FILE_IO"].includes(error.code);
}
