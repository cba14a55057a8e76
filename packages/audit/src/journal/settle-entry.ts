import { FilestoreError } from "@symbiont/filestore";
import type { AuditError } from "../audit-error.ts";
import type { EncodedRecord } from "./encoded-record.ts";
import type { Entry } from "./entry.ts";

/** Tells who waits for a record how it ended, unless they were told that it took too long. */
export function settle(entry: Entry, result: number | undefined | AuditError): void {
  entry.settled = true;
  if (entry.expired === true) return;
  if (typeof result === "number") entry.done(result);
  else if (result !== undefined) entry.failed(result);
}

/** What the journal says about itself, for which nobody waits. */
export function ownEntry(encoded: EncodedRecord, time: number): Entry {
  return { encoded, time, durability: "record", deadline: Infinity, done: nobody, failed: nobody };
}

/** Whether an error leaves the file as it was before the write, so that the next one may succeed. */
export function isHarmless(error: unknown): boolean {
  return FilestoreError.is(error) && ["FILE_NO_SPACE", "FILE_ACCESS_DENIED", "FILE_IO"].includes(error.code);
}

function nobody(): void {}
