import { AuditError } from "../audit-error.ts";
import type { JournalFiles } from "../journal/journal-files.ts";
import { type Checkpoint, verifyCheckpoint } from "../notes/checkpoint.ts";
import { parseTrustedKey, type TrustedKey } from "../notes/trusted-key.ts";
import type { VerifierKey } from "../notes/verifier-key.ts";

/** What checkpoints are checked against. */
export interface CheckpointTrust {
  /** Keys that may have signed checkpoints. Never take them from the journal itself. */
  readonly trusted: readonly TrustedKey[];
  /**
   * Signed checkpoints that were kept outside the journal's own folder. Without one, whoever can write the folder
   * can put an older copy of all of it in place. Default none.
   */
  readonly anchors?: readonly string[];
}

/** The keys that count for a journal: that of another one says nothing about it; a witness has a name of its own. */
export function journalKeys(origin: string, trusted: readonly TrustedKey[]): readonly VerifierKey[] {
  return trusted.map(parseTrustedKey).filter(({ type, name }) => type !== "ed25519" || name === origin);
}

/**
 * The journal's own newest checkpoint, the newest in its list, and those kept outside, all verified.
 * @throws AuditError `AUDIT_ROLLBACK` when it has none of its own and is not to be adopted without one.
 */
export async function readCheckpoints(
  files: JournalFiles,
  origin: string,
  { trusted, anchors = [], adopt = false }: CheckpointTrust & { readonly adopt?: boolean },
): Promise<readonly Checkpoint[]> {
  const keys = journalKeys(origin, trusted);
  // In this order: a journal in use writes the other one first.
  const logged = files.checkpointLog.newest();
  const own = await files.readCheckpoint();
  if (own === undefined && !adopt) throw new AuditError("AUDIT_ROLLBACK", "the journal has no checkpoint");
  const notes = new Set([own, logged, ...anchors].filter((note) => note !== undefined));
  return [...notes].map((note) => verifyCheckpoint(note, origin, keys));
}
