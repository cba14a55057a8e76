import { SchemaPinError } from "../schemapin-error.ts";

/** One version of something, as its signer describes it. */
export interface LineageEntry {
  /** `sha256:<hex>` of this version: computed, never taken from the signer. */
  readonly hash: string;
  /** What the signer says the hash of the version before was. */
  readonly previousHash?: unknown;
}

/**
 * Checks that one version says it follows another. Hashes are compared as they are written.
 * @throws SchemaPinError `SCHEMAPIN_LINEAGE_BROKEN`
 */
export function checkSuccessor(current: LineageEntry, previous: LineageEntry): void {
  if (current.previousHash === undefined || current.previousHash === null)
    throw broken("the version does not say what it follows");
  if (current.previousHash !== previous.hash) throw broken("the version does not follow the one before");
}

/**
 * Checks a whole history, oldest first. An unsigned history proves nothing about who wrote it: use it to refuse
 * versions, not to accept them.
 * @throws SchemaPinError `SCHEMAPIN_LINEAGE_BROKEN`
 */
export function checkLineage(versions: readonly LineageEntry[]): void {
  for (const [index, current] of versions.entries()) {
    const previous = versions[index - 1];
    if (previous !== undefined) checkSuccessor(current, previous);
  }
}

function broken(why: string): SchemaPinError {
  return new SchemaPinError("SCHEMAPIN_LINEAGE_BROKEN", why);
}
