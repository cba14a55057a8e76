import { rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { syncDirectory } from "@symbiont/filestore";
import { encodeHex } from "@symbiont/kit";
import { AuditError } from "../audit-error.ts";
import { COMPRESSED, type JournalFiles } from "../journal/journal-files.ts";
import type { SegmentSummary } from "../journal/segment-summary.ts";
import { parseSegmentSummary } from "../journal/segment-summary.ts";
import { CompactRange } from "../merkle/compact-range.ts";
import type { VerifierKey } from "../notes/verifier-key.ts";

/** A closed segment that may be deleted. */
export interface ClosedSegment {
  readonly path: string;
  /** Sequences of its first record and of the one after its last. */
  readonly first: number;
  readonly end: number;
  /** Hex SHA-256 of its plain bytes, to compare an archived copy with. */
  readonly sha256: string;
  /** When its newest record was written, epoch milliseconds. */
  readonly newestMs: number;
  readonly bytes: number;
}

/** What of a journal is given up. Closed segments only, the oldest first, and never the newest two. */
export interface RetentionOptions {
  /** Segments whose newest record is older, in milliseconds. One of this and `maxTotalBytes` is required. */
  readonly minAgeMs?: number;
  /** As many segments as it takes to stay below so many bytes. */
  readonly maxTotalBytes?: number;
  /** Nothing from the segment on that holds one of these sequences. Default none. */
  readonly hold?: readonly number[];
  /** Asked of each segment before it is given up: whether a copy is kept elsewhere. Default not asked. */
  readonly archived?: (segment: ClosedSegment) => boolean | Promise<boolean>;
  /** Recorded as the reason. Default `"retention"`. */
  readonly reason?: string;
  /** Only say what would be given up. Default false. */
  readonly dryRun?: boolean;
}

/** What is going to be recorded about segments that are given up. */
export interface PrunePlan {
  readonly segments: readonly ClosedSegment[];
  /** First sequence that is kept. */
  readonly to: number;
  /** Hex root over everything before it. */
  readonly root: string;
}

const KEPT_SEGMENTS = 2;

/** Finds the segments that a retention gives up. @throws RangeError when it names no limit. */
export async function planPruning(
  files: JournalFiles,
  options: RetentionOptions,
  trust: { readonly origin: string; readonly keys: readonly VerifierKey[]; readonly nowMs: number },
): Promise<PrunePlan | undefined> {
  const { minAgeMs = Infinity, maxTotalBytes = Infinity, hold = [], archived } = options;
  if (!(minAgeMs >= 0) || !(maxTotalBytes >= 0) || (minAgeMs === Infinity && maxTotalBytes === Infinity))
    throw new RangeError("minAgeMs or maxTotalBytes must be given, and not negative");
  const paths = files.segments();
  let total = paths.reduce((sum, path) => sum + statSync(path).size, 0);
  const segments: ClosedSegment[] = [];
  let last: SegmentSummary | undefined;
  for (const path of paths.slice(0, -KEPT_SEGMENTS)) {
    const text = await files.readSummary(files.firstOf(path));
    if (text === undefined) break;
    const summary = parseSegmentSummary(text, trust.origin, trust.keys);
    const segment = closedSegment(path, summary);
    const old = trust.nowMs - segment.newestMs > minAgeMs;
    if (!old && total <= maxTotalBytes) break;
    if (hold.some((sequence) => sequence >= segment.first && sequence < segment.end)) break;
    if (archived !== undefined && !(await archived(segment))) break;
    total -= segment.bytes;
    segments.push(segment);
    last = summary;
  }
  if (last === undefined) return undefined;
  const { size, roots } = last.state;
  return { segments, to: size, root: encodeHex(CompactRange.from(size, roots).root()) };
}

/** Deletes the segments of a plan that is on record. */
export async function deleteSegments({ segments }: PrunePlan): Promise<void> {
  // A crash may have left both forms of one that was being compressed.
  for (const { path } of segments)
    for (const form of new Set([path, path + COMPRESSED])) rmSync(form, { force: true });
  const [first] = segments;
  if (first === undefined) throw new AuditError("AUDIT_NOT_FOUND", "there is no segment to delete");
  await syncDirectory(dirname(first.path));
}

/** A clock that was wrong when records were written must not make them look older than their file. */
function closedSegment(path: string, { first, state, sha256 }: SegmentSummary): ClosedSegment {
  const { size, mtimeMs } = statSync(path);
  const newestMs = Math.max(Date.parse(state.time), mtimeMs);
  return { path, first, end: state.size, sha256, newestMs, bytes: size };
}
