import { join, resolve } from "node:path";
import { asModelLogError } from "../as-model-log-error.ts";
import type { LogKeys } from "../keys/log-keys.ts";
import { SubjectKeys } from "../keys/subject-keys.ts";
import type { CallKind, CallOutcome, RecordMeta } from "../record-meta.ts";
import { segmentNames } from "../retention/prune-segments.ts";
import { readSegment, type SegmentRecord } from "./read-segment.ts";

/** Which records are wanted; all that is given must fit. */
export interface RecordFilter {
  /** Joins request and answer. */
  readonly id?: string;
  readonly agent?: string;
  readonly model?: string;
  readonly kind?: CallKind;
  readonly outcome?: CallOutcome;
  /** Epoch milliseconds, from and up to. */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

/** How a log is read. */
export interface ReadModelLogOptions {
  readonly keys: LogKeys;
  /** Default all records. */
  readonly filter?: RecordFilter;
}

/**
 * Reads requests and answers in the order in which they were written, segment by segment. Every record that is passed
 * over is checked as well.
 * @throws ModelLogError as `verifyModelLog` reports
 */
export async function* readModelLog(
  directory: string,
  { keys, filter = {} }: ReadModelLogOptions,
): AsyncGenerator<SegmentRecord, void, void> {
  const subjects = new SubjectKeys(keys);
  try {
    for (const name of segmentNames(resolve(directory))) {
      for await (const record of readSegment(join(resolve(directory), name), keys, subjects)) {
        if (record.meta.t !== "seal" && record.meta.t !== "drop" && fits(record.meta, filter)) yield record;
      }
    }
  } catch (error) {
    throw asModelLogError(error);
  }
}

function fits(meta: RecordMeta, filter: RecordFilter): boolean {
  for (const name of ["id", "agent", "model", "kind", "outcome"] as const)
    if (filter[name] !== undefined && meta[name] !== filter[name]) return false;
  const time = Date.parse(meta.ts);
  return time >= (filter.fromMs ?? -Infinity) && time < (filter.untilMs ?? Infinity);
}
