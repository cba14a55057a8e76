import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { nodeFileSystem, syncDirectory } from "@symbiont/filestore";
import { AuditError } from "../audit-error.ts";
import { COMPRESSED, type JournalFiles } from "../journal/journal-files.ts";
import { parseSegmentSummary } from "../journal/segment-summary.ts";
import type { VerifierKey } from "../notes/verifier-key.ts";

/** A closed segment that takes less space now. */
export interface CompressedSegment {
  /** The compressed file, and its size and that of the plain one in bytes. */
  readonly path: string;
  readonly bytes: number;
  readonly plainBytes: number;
}

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
      return stats === undefined
        ? undefined
        : replaceByCompressed(path, this.#files.compressing, { sha256, stats });
    });
    this.#last = run.catch(() => undefined);
    return run;
  }
}

async function replaceByCompressed(
  path: string,
  temporary: string,
  { sha256, stats }: { readonly sha256: string; readonly stats: { size: number; atime: Date; mtime: Date } },
): Promise<CompressedSegment> {
  const target = path + COMPRESSED;
  rmSync(temporary, { force: true }); // what a crash left
  try {
    // Read when it is needed: most journals are never compressed.
    const { createGzip } = await import("node:zlib");
    const output = createWriteStream(temporary, { flags: "wx", mode: 0o600 });
    await pipeline(createReadStream(path), createGzip(), output);
    if ((await plainHash(temporary)) !== sha256)
      throw new AuditError("AUDIT_CORRUPT", "a closed segment is not what its summary says");
    // Retention looks at how old the file is.
    utimesSync(temporary, stats.atime, stats.mtime);
    await syncContent(temporary);
    nodeFileSystem.rename(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(target));
  unlinkSync(path);
  await syncDirectory(dirname(target));
  return { path: target, bytes: statSync(target).size, plainBytes: stats.size };
}

async function plainHash(compressed: string): Promise<string> {
  const { createGunzip } = await import("node:zlib");
  const hash = createHash("sha256");
  await pipeline(createReadStream(compressed), createGunzip(), async (plain: AsyncIterable<Buffer>) => {
    for await (const chunk of plain) hash.update(chunk);
  });
  return hash.digest("hex");
}

async function syncContent(path: string): Promise<void> {
  const descriptor = openSync(path, "r");
  try {
    await nodeFileSystem.fsync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
