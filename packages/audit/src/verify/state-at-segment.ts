import { AuditError } from "../audit-error.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { genesisHash, type JournalHeader } from "../journal/journal-header.ts";
import { parseSegmentSummary } from "../journal/segment-summary.ts";
import type { VerifierKey } from "../notes/verifier-key.ts";
import { type ChainState, firstState } from "./chain-state.ts";

/**
 * The chain's state before the segment that begins with a sequence, from the signed summary of the one before; it does not
 * matter which segments are there.
 * @throws AuditError `AUDIT_NOT_FOUND` when that summary is not there.
 */
export async function stateBefore(
  files: JournalFiles,
  header: JournalHeader,
  segmentStart: number,
  keys: readonly VerifierKey[],
): Promise<ChainState> {
  if (segmentStart === 0) return firstState(genesisHash(header));
  const before = files.summaries().findLast((first) => first < segmentStart);
  const text = before === undefined ? undefined : await files.readSummary(before);
  const state = text === undefined ? undefined : parseSegmentSummary(text, header.origin, keys).state;
  if (state?.size === segmentStart) return state;
  throw new AuditError("AUDIT_NOT_FOUND", "there is no summary of the segment before");
}

/**
 * The chain's state before the segment that begins with a sequence, from the signed summary of the segment before.
 * Without one, from the nearest segment before that has one: the state returned may be that of an earlier segment.
 * @throws AuditError `AUDIT_CORRUPT` when there is none and the first segments are gone.
 */
export async function stateAtSegment(
  files: JournalFiles,
  header: JournalHeader,
  segmentStart: number,
  keys: readonly VerifierKey[],
): Promise<ChainState> {
  const present = new Set(files.segments().map((segment) => files.firstOf(segment)));
  for (const first of files
    .summaries()
    .filter((sequence) => sequence < segmentStart)
    .toReversed()) {
    const text = await files.readSummary(first);
    if (text === undefined) continue;
    const { state } = parseSegmentSummary(text, header.origin, keys);
    if (state.size <= segmentStart && present.has(state.size)) return state;
  }
  if (segmentStart === 0 || present.has(0) || present.size === 0) return firstState(genesisHash(header));
  throw new AuditError(
    "AUDIT_CORRUPT",
    "the journal's first segments are gone, and no summary of them is left",
    {
      record: 0,
    },
  );
}
