import { encodeRecord } from "../journal/encoded-record.ts";
import type { JournalSession } from "../journal/journal-session.ts";
import { serviceRecord } from "../journal/service-record.ts";
import { formatVerifierKey, verifierKey } from "../notes/verifier-key.ts";
import { journalKeys } from "../verify/read-checkpoints.ts";
import { type ClosedSegment, deleteSegments, planPruning, type RetentionOptions } from "./prune-segments.ts";

/** Gives up old segments of a journal that is open: first on record and under a checkpoint, then in fact. */
export async function pruneJournal(
  session: JournalSession,
  options: RetentionOptions,
): Promise<readonly ClosedSegment[]> {
  const { files, settings, writer } = session;
  const { origin, key, trusted, clock } = settings;
  const own = formatVerifierKey(verifierKey(origin, key.publicKey));
  const keys = journalKeys(origin, [own, ...trusted]);
  const plan = await planPruning(files, options, { origin, keys, nowMs: clock.now() });
  if (plan === undefined) return [];
  if (options.dryRun === true) return plan.segments;
  const { to, root, segments } = plan;
  const data = {
    to,
    root,
    reason: options.reason ?? "retention",
    archived: options.archived !== undefined,
    segments: segments.map(({ first, sha256 }) => ({ first, sha256 })).slice(-100),
  };
  await writer.append(
    encodeRecord(serviceRecord(origin, "journal.pruned", data)),
    "record",
    writer.deadline(),
  );
  await session.checkpoint();
  await deleteSegments(plan);
  return segments;
}
