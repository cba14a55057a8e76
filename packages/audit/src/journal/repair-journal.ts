import { newestAnchored } from "../anchors/anchor.ts";
import { formatVerifierKey, verifierKey } from "../notes/verifier-key.ts";
import { verifyJournal } from "../verify/verify-journal.ts";
import type { JournalOptions } from "./journal-options.ts";
import { openJournalSession } from "./journal-session.ts";

/** What a repair came to. */
export interface JournalRepair {
  /** Records that were there, all of them verified. */
  readonly records: number;
  /** Bytes that were moved out of the journal; 0 when it was whole, and nothing was done. */
  readonly tornBytes: number;
  /** Where they are now. */
  readonly quarantine?: string;
  /** Sequences of attempts without an outcome. */
  readonly openAttempts: readonly number[];
}

/**
 * Verifies a whole journal that nobody writes, and moves what a crash tore off its end to `quarantine/`, on record and
 * under a checkpoint. Nothing else is ever repaired. Opening does the same, but verifies the newest segment only.
 * @throws AuditError as `verifyJournal` and `Journal.open`; nothing was changed then.
 */
export async function repairJournal(directory: string, options: JournalOptions): Promise<JournalRepair> {
  const { origin, key, trusted = [], anchors = [], anchor } = options;
  const report = await verifyJournal(directory, {
    trusted: [formatVerifierKey(verifierKey(origin, key.publicKey)), ...trusted],
    anchors: [...anchors, ...(await newestAnchored(anchor))],
  });
  const { records, tornBytes, openAttempts } = report;
  if (tornBytes === 0) return { records, tornBytes, openAttempts };
  const session = await openJournalSession(directory, options);
  const { repaired } = session;
  await session.close();
  return {
    records,
    tornBytes: repaired?.bytes ?? 0,
    openAttempts,
    ...(repaired === undefined ? {} : { quarantine: repaired.file }),
  };
}
