import { closeSync } from "node:fs";
import { dirname } from "node:path";
import { FilestoreError } from "../errors.ts";
import type { FileSystem } from "../file-system.ts";
import { syncDirectory } from "../sync-directory.ts";
import { ioError } from "./io-error.ts";
import { createPrivate } from "./open-private.ts";
import { assertPrivateDirectory } from "./private-mode.ts";
import { readAt } from "./read-at.ts";
import { syncFile } from "./sync-file.ts";
import { writeAll } from "./write-all.ts";

const CHUNK_BYTES = 65_536;

/** Copies a range of an open file into a file that must not exist yet, and makes the copy durable. */
export async function copyToNewFile(
  range: { readonly descriptor: number; readonly offset: number; readonly length: number },
  file: { readonly path: string; readonly mode: number; readonly fileSystem: FileSystem },
): Promise<void> {
  const { path, fileSystem } = file;
  assertPrivateDirectory(path);
  let descriptor: number | undefined;
  try {
    descriptor = createPrivate(fileSystem, path, file.mode);
    for (let copied = 0; copied < range.length; ) {
      const wanted = Math.min(CHUNK_BYTES, range.length - copied);
      const chunk = await readAt(range.descriptor, range.offset + copied, wanted);
      if (chunk.length !== wanted)
        throw new FilestoreError("FILE_CONFLICT", "file was cut while it was copied", { path });
      writeAll(fileSystem, { descriptor, path }, chunk, copied);
      copied += wanted;
    }
    await syncFile(fileSystem, { descriptor, path });
  } catch (error) {
    throw ioError(error, path, "copying into the file");
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  await syncDirectory(dirname(path), fileSystem);
}
