import { statSync } from "node:fs";
import { COMPRESSED, type JournalFiles } from "../journal/journal-files.ts";
import { parseSegmentSummary } from "../journal/segment-summary.ts";
import type { VerifierKey } from "../notes/verifier-key.ts";
import { type CompressedSegment, compressSegment } from "./compress-segment.ts";

/**
 * Compresses closed segments, one at a time. The compressed form takes its name when it is whole, durable and known to
 * give the bytes that the summary names; only then the plain one goes. A crash leaves one whole form, or both.
 */
export class SegmentCompressor {
  readonly #files: JournalFiles;
  #last: Promise<unknown> = Promise.resolve();

  constructor(files: JournalFiles) {
    this.#files = files;
  }

  /**
   * Compresses every closed segment that has a signed summary.
   * @throws AuditError `AUDIT_CORRUPT` when a segment is not what its summary says; it stays as it is.
   */
  async compressAll(trust: {
    readonly origin: string;
    readonly keys: readonly VerifierKey[];
  }): Promise<readonly CompressedSegment[]> {
    const compressed: CompressedSegment[] = [];
    for (const path of this.#files.segments().slice(0, -1)) {
      const plain = !path.endsWith(COMPRESSED);
      const text = plain ? await this.#files.readSummary(this.#files.firstOf(path)) : undefined;
      if (text === undefined) continue;
      const { sha256 } = parseSegmentSummary(text, trust.origin, trust.keys);
      const segment = await this.compress(path, sha256);
      if (segment !== undefined) compressed.push(segment);
    }
    return compressed;
  }

  /**
   * Compresses one segment that nobody writes to any more; undefined when that was done meanwhile.
   * @param sha256 hexadecimal, of its plain bytes.
   */
  async compress(path: string, sha256: string): Promise<CompressedSegment | undefined> {
    const run = this.#last.then(async () => {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return undefined;
      return compressSegment(path, this.#files.compressing, { sha256, stats });
    });
    this.#last = run.catch(() => undefined);
    return run;
  }
}
