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
import { nodeFileSystem, syncDirectory } from "@symbiont/filestore";
import { AuditError } from "../audit-error.ts";
import { COMPRESSED } from "../journal/journal-files.ts";

/** A closed segment that takes less space now. */
export interface CompressedSegment {
  /** The compressed file, and its size and that of the plain one in bytes. */
  readonly path: string;
  readonly bytes: number;
  readonly plainBytes: number;
}

/** Puts a compressed form in the place of a segment, by way of `temporary`; see `SegmentCompressor`. */
export async function compressSegment(
  path: string,
  temporary: string,
  { sha256, stats }: { readonly sha256: string; readonly stats: { size: number; atime: Date; mtime: Date } },
): Promise<CompressedSegment> {
  const target = path + COMPRESSED;
  rmSync(temporary, { force: true }); // what a crash left
  try {
    const { pipeline, createGzip } = await compression();
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

/** Loaded when it is needed: most journals are never compressed. */
async function compression() {
  const [{ pipeline }, { createGunzip, createGzip }] = await Promise.all([
    import("node:stream/promises"),
    import("node:zlib"),
  ]);
  return { pipeline, createGunzip, createGzip };
}

async function plainHash(compressed: string): Promise<string> {
  const { pipeline, createGunzip } = await compression();
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
