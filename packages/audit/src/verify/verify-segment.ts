import { createHash } from "node:crypto";
import { basename } from "node:path";
import { constantTimeEqual } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import { JournalFiles } from "../journal/journal-files.ts";
import { parseSegmentSummary } from "../journal/segment-summary.ts";
import { CompactRange } from "../merkle/compact-range.ts";
import { ChainReader } from "./chain-reader.ts";
import { type CheckpointTrust, journalKeys } from "./read-checkpoints.ts";
import { readSegment } from "./read-segment.ts";
import { stateBefore } from "./state-at-segment.ts";

/** A segment that passed. */
export interface VerifiedSegment {
  readonly origin: string;
  /** Sequences of its first record and of the one after its last. */
  readonly first: number;
  readonly end: number;
  /** Merkle root over all records up to its end, which its checkpoint signs. */
  readonly root: Uint8Array;
  /** Hex SHA-256 of its plain bytes. */
  readonly sha256: string;
  /** Sequences of attempts in it that have no outcome in it. */
  readonly openAttempts: readonly number[];
}

const SEGMENT_NAME = /^\d{16}\.jsonl(?:\.gz)?$/;

/**
 * Checks one closed segment alone, wherever it was archived and whether it was pruned since: every record canonical and
 * chained, and all of it what the signed checkpoint at its end covers. The file keeps its name.
 * @param directory the journal's folder, or a copy of its `log.json` and of `sum/` up to this segment.
 * @throws AuditError `AUDIT_CORRUPT`, `AUDIT_FORKED`, `AUDIT_NOT_FOUND` (no journal, or no summary of the segment or of the
 * one before it), `AUDIT_NOTE_UNTRUSTED`, `AUDIT_NOTE_MALFORMED`, `AUDIT_KEY_MALFORMED`, `AUDIT_UNAVAILABLE`
 */
export async function verifySegment(
  segment: string,
  directory: string,
  { trusted }: Pick<CheckpointTrust, "trusted">,
): Promise<VerifiedSegment> {
  try {
    return await verifyFile(segment, new JournalFiles(directory), trusted);
  } catch (error) {
    throw asAuditError(error);
  }
}

async function verifyFile(
  segment: string,
  files: JournalFiles,
  trusted: CheckpointTrust["trusted"],
): Promise<VerifiedSegment> {
  if (!SEGMENT_NAME.test(basename(segment)))
    throw new AuditError("AUDIT_CORRUPT", "the file does not have the name of a segment");
  const header = await files.readHeader();
  if (header === undefined) throw new AuditError("AUDIT_NOT_FOUND", "there is no journal in that folder");
  const { origin } = header;
  const keys = journalKeys(origin, trusted);
  const first = files.firstOf(segment);
  const text = await files.readSummary(first);
  if (text === undefined) throw new AuditError("AUDIT_NOT_FOUND", "there is no summary of the segment");
  const { state, sha256 } = parseSegmentSummary(text, origin, keys);
  const root = CompactRange.from(state.size, state.roots).root();
  const start = await stateBefore(files, header, first, keys);
  const chain = new ChainReader({ ...start, openAttempts: [] }, [{ origin, size: state.size, root }]);
  const hash = createHash("sha256");
  const { torn } = await readSegment(segment, chain, {
    onRecord: (_, line) => hash.update(line).update("\n"),
  });
  const whole = torn === undefined && chain.size === state.size && hash.digest("hex") === sha256;
  if (!whole || !constantTimeEqual(chain.range.root(), root))
    throw new AuditError("AUDIT_CORRUPT", "the segment is not what its summary says", {
      record: Math.min(chain.size, state.size),
      segment: basename(segment),
    });
  return { origin, first, end: state.size, root, sha256, openAttempts: [...chain.openAttempts] };
}
