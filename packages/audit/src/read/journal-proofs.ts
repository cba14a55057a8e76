import { constantTimeEqual } from "@symbiont/kit";
import { asAuditError } from "../as-audit-error.ts";
import { AuditError } from "../audit-error.ts";
import { JournalFiles } from "../journal/journal-files.ts";
import { type ConsistencyProof, verifyConsistency } from "../merkle/consistency-proof.ts";
import { type InclusionProof, verifyInclusion } from "../merkle/inclusion-proof.ts";
import { consistencyRanges, inclusionRanges, type LeafRange } from "../merkle/proof-ranges.ts";
import { TileReader } from "../merkle/tile-reader.ts";
import { type Checkpoint, verifyCheckpoint } from "../notes/checkpoint.ts";
import { formatTlogProof } from "../notes/tlog-proof.ts";
import { type CheckpointTrust, journalKeys } from "../verify/read-checkpoints.ts";

/**
 * Makes proofs from a journal's tiles, without reading its records; also for records that were pruned. The tiles are
 * checked against the newest signed checkpoint when it is opened, and every proof before it is given out.
 */
export class JournalProofs {
  /** Records covered by the checkpoint that the proofs lead to. */
  readonly size: number;
  /** The checkpoint. */
  readonly note: string;
  readonly #tiles: TileReader;

  readonly #signedRoot: Uint8Array;

  private constructor(tiles: TileReader, note: string, { size, root }: Checkpoint) {
    this.#tiles = tiles;
    this.note = note;
    this.size = size;
    this.#signedRoot = root;
  }

  /**
   * @throws AuditError `AUDIT_NOT_FOUND` (no journal, or no tiles), `AUDIT_FORKED` (tiles of another tree),
   * `AUDIT_NOTE_UNTRUSTED`, `AUDIT_NOTE_MALFORMED`, `AUDIT_KEY_MALFORMED`, `AUDIT_UNAVAILABLE`
   */
  static async open(
    directory: string,
    { trusted }: Pick<CheckpointTrust, "trusted">,
  ): Promise<JournalProofs> {
    try {
      const files = new JournalFiles(directory);
      const header = await files.readHeader();
      const note = await files.readCheckpoint();
      if (header === undefined || note === undefined)
        throw new AuditError("AUDIT_NOT_FOUND", "there is no journal in that folder");
      const { size, root } = verifyCheckpoint(note, header.origin, journalKeys(header.origin, trusted));
      const tiles = new TileReader(files.tiles);
      if (size > 0 && !constantTimeEqual(tiles.rangeRoot(0, size), root))
        throw new AuditError("AUDIT_FORKED", "the tiles are not those of the tree that was signed");
      return new JournalProofs(tiles, note, { origin: header.origin, size, root });
    } catch (error) {
      throw asAuditError(error);
    }
  }

  /** The leaf hash of a record. @throws RangeError */
  leaf(sequence: number): Uint8Array {
    inclusionRanges(sequence, this.size);
    return Uint8Array.from(this.#tiles.rangeRoot(sequence, sequence + 1));
  }

  /**
   * Proves that a record is in the journal.
   * @throws RangeError when the checkpoint does not cover it; AuditError `AUDIT_FORKED`, `AUDIT_NOT_FOUND`.
   */
  inclusion(sequence: number, size: number = this.size): InclusionProof {
    const proof = this.#roots(inclusionRanges(sequence, this.#checked(size)));
    const made = { index: sequence, size, proof };
    return this.#holding(made, () => verifyInclusion(this.leaf(sequence), made, this.#root(size)));
  }

  /** Proves that the journal at one size is the beginning of the journal at another. @throws RangeError */
  consistency(first: number, second: number = this.size): ConsistencyProof {
    const proof = this.#roots(consistencyRanges(first, this.#checked(second)));
    const made = { first, second, proof };
    return this.#holding(made, () => verifyConsistency(made, this.#root(first), this.#root(second)));
  }

  /** A proof with its checkpoint as one text, to hand out with a record. @see https://c2sp.org/tlog-proof */
  tlogProof(sequence: number): string {
    return formatTlogProof(this.inclusion(sequence), this.note);
  }

  /** The root at a size: the signed one, or what the tiles say, which a consistency proof ties to it. */
  #root(size: number): Uint8Array {
    return size === this.size ? this.#signedRoot : this.#tiles.rangeRoot(0, size);
  }

  /** Whatever the tiles hold, no proof is given out that does not hold. */
  #holding<T>(made: T, verify: () => void): T {
    try {
      verify();
      return made;
    } catch (cause) {
      throw new AuditError("AUDIT_FORKED", "the tiles are not those of the tree that was signed", { cause });
    }
  }

  #checked(size: number): number {
    if (size > this.size) throw new RangeError(`size must be at most ${this.size}, got ${size}`);
    return size;
  }

  #roots(ranges: readonly LeafRange[]): readonly Uint8Array[] {
    return ranges.map(([start, end]) => Uint8Array.from(this.#tiles.rangeRoot(start, end)));
  }
}
