import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { AppendFile } from "@symbiont/filestore";
import { AuditError } from "../audit-error.ts";
import type { SegmentCompressor } from "../retention/segment-compressor.ts";
import type { ChainWriter } from "./chain-writer.ts";
import type { JournalFiles } from "./journal-files.ts";
import type { JournalSettings } from "./journal-options.ts";
import { formatSegmentSummary } from "./segment-summary.ts";

/**
 * Closes the segment that begins with `first` at the checkpoint `note`, and lets the chain go on in a new one.
 * @returns a promise of its summary, which needs the whole file once more and may take its time.
 */
export async function closeSegment(
  parts: {
    readonly chain: ChainWriter;
    readonly files: JournalFiles;
    readonly settings: JournalSettings;
    readonly compressor: SegmentCompressor;
  },
  first: number,
  note: string,
): Promise<{ readonly summary: Promise<void> }> {
  const { chain, files, settings, compressor } = parts;
  const state = chain.state();
  const old = chain.segment;
  const fileSystem = settings.fileSystem === undefined ? {} : { fileSystem: settings.fileSystem };
  const next = await AppendFile.create(files.segment(state.size), fileSystem);
  chain.moveTo(next);
  await old.close();
  const summarize = async (): Promise<void> => {
    const sha256 = await fileHash(old.path);
    await files.writeSummary(first, formatSegmentSummary({ first, state, note, sha256 }));
    if (settings.compressSegments) await tryCompress(compressor, old.path, sha256);
  };
  return { summary: summarize() };
}

/** A segment that cannot be compressed now, on a full disk for example, stays plain. */
async function tryCompress(compressor: SegmentCompressor, path: string, sha256: string): Promise<void> {
  try {
    await compressor.compress(path, sha256);
  } catch (error) {
    if (AuditError.is(error)) throw error;
  }
}

/** Bytes read at once: a stream's small pieces, each a buffer of its own, cost more than the hash. */
const PIECE_BYTES = 1 << 20;

async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
