import { join, resolve } from "node:path";
import { asModelLogError } from "../as-model-log-error.ts";
import type { LogKeys } from "../keys/log-keys.ts";
import { SubjectKeys } from "../keys/subject-keys.ts";
import type { ModelLogErrorCode } from "../model-log-error.ts";
import { segmentNames } from "../retention/prune-segments.ts";
import { readSegment } from "./read-segment.ts";

/** What is true of one segment. */
export interface SegmentReport {
  readonly segment: string;
  /** Records that were opened and checked. */
  readonly records: number;
  /** False for one that is being written, that a crash left behind, or whose tail was cut. */
  readonly sealed: boolean;
  /** Records that the log says it dropped. */
  readonly dropped: number;
  /** Records that are there although their callers were told that they are not: too late. */
  readonly late: number;
  /** Requests without an answer, but for those whose call was not made. */
  readonly unanswered: number;
  /** Records whose subject was forgotten. */
  readonly forgotten: number;
  /** The first thing that is wrong with it. */
  readonly fault?: { readonly code: ModelLogErrorCode; readonly message: string; readonly record?: number };
}

/**
 * Checks every segment of a log and reports on each. Whole segments that are gone show only where their seals were
 * recorded: compare with the `model_log.sealed` records of your audit journal.
 * @throws ModelLogError `MODEL_LOG_UNAVAILABLE` when the directory cannot be read.
 */
export async function verifyModelLog(
  directory: string,
  { keys }: { readonly keys: LogKeys },
): Promise<readonly SegmentReport[]> {
  const subjects = new SubjectKeys(keys);
  try {
    const reports: SegmentReport[] = [];
    for (const name of segmentNames(resolve(directory)))
      reports.push(await reportOn(join(resolve(directory), name), name, { keys, subjects }));
    return reports;
  } catch (error) {
    throw asModelLogError(error);
  }
}

async function reportOn(
  path: string,
  segment: string,
  { keys, subjects }: { readonly keys: LogKeys; readonly subjects: SubjectKeys },
): Promise<SegmentReport> {
  const counts = { records: 0, dropped: 0, late: 0, forgotten: 0 };
  const open = new Set<string>();
  const records = readSegment(path, keys, subjects);
  try {
    for (;;) {
      const next = await records.next();
      if (next.done === true) return { segment, ...counts, unanswered: open.size, sealed: next.value.sealed };
      const { meta, forgotten } = next.value;
      counts.records += 1;
      counts.dropped += meta.dropped ?? 0;
      if (forgotten === true) counts.forgotten += 1;
      if (meta.t === "req") open.add(meta.id ?? "");
      if (meta.t === "late") counts.late += 1;
      if (meta.t === "res" || (meta.t === "late" && meta.of === "req")) open.delete(meta.id ?? "");
    }
  } catch (error) {
    const { code, message, record } = asModelLogError(error);
    const fault = { code, message, ...(record === undefined ? {} : { record }) };
    return { segment, ...counts, unanswered: open.size, sealed: false, fault };
  }
}
