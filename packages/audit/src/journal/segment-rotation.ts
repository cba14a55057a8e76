import { asAuditError } from "../as-audit-error.ts";
import type { AuditError } from "../audit-error.ts";
import type { TileWriter } from "../merkle/tile-writer.ts";
import type { SegmentCompressor } from "../retention/segment-compressor.ts";
import type { ChainWriter } from "./chain-writer.ts";
import { closeSegment } from "./close-segment.ts";
import type { EntrySigner } from "./entry-signer.ts";
import type { JournalFiles } from "./journal-files.ts";
import type { JournalSettings } from "./journal-options.ts";
import type { Sealer } from "./sealer.ts";

/** What takes part when one segment follows another. */
export interface SegmentRotationParts {
  readonly files: JournalFiles;
  readonly settings: JournalSettings;
  readonly chain: ChainWriter;
  readonly sealer: Sealer;
  readonly tiles: TileWriter;
  readonly compressor: SegmentCompressor;
  /** Signs every record; undefined when only checkpoints are signed. */
  readonly signer?: EntrySigner;
  /** Sequence of the first record of the segment being written. */
  readonly segmentStart: number;
}

/** Closes segments at a checkpoint when they are large or old enough. */
export class SegmentRotation {
  readonly #parts: SegmentRotationParts;
  #start: number;
  #opened = performance.now();
  #summaries: Promise<unknown> = Promise.resolve();

  constructor(parts: SegmentRotationParts) {
    this.#parts = parts;
    this.#start = parts.segmentStart;
  }

  /** Whether the segment is to be closed now. */
  get due(): boolean {
    const { chain, settings } = this.#parts;
    const age = performance.now() - this.#opened;
    // The record of the last closing is no reason for another one.
    return (
      chain.size > this.#start + 1 &&
      (chain.segment.size >= settings.maxSegmentBytes || age >= settings.maxSegmentMs)
    );
  }

  /** Settles when every summary is written; never rejects. */
  get idle(): Promise<unknown> {
    return this.#summaries;
  }

  /**
   * Goes on in a new segment. Everything written must be durable.
   * @param failed told when the checkpoint or the summary cannot be kept, which is found out later.
   * @returns the first sequence of the closed segment and that of the new one.
   */
  async rotate(
    failed: (error: AuditError) => void,
  ): Promise<{ readonly first: number; readonly size: number } | undefined> {
    const { chain, sealer, tiles, signer } = this.#parts;
    const end = chain.end;
    if (end === undefined) return undefined;
    const first = this.#start;
    const size = end.range.size;
    tiles.writeOpen();
    const { note, anchored } = await sealer.seal(size, end.range.root());
    anchored.catch((error: unknown) => failed(asAuditError(error)));
    const { summary } = await closeSegment(this.#parts, first, note);
    const written = summary.catch((error: unknown) => failed(asAuditError(error)));
    this.#summaries = Promise.all([this.#summaries, written]);
    this.#start = size;
    this.#opened = performance.now();
    signer?.moveTo(size);
    return { first, size };
  }
}
