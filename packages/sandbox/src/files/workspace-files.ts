import { closeSync, constants, fchownSync, ftruncateSync, lchownSync, readSync, writeSync } from "node:fs";
import { isPlainPath } from "../policy/guest-files.ts";
import { invalid, SandboxError } from "../sandbox-error.ts";
import { openInside } from "./open-inside.ts";

const { O_CREAT, O_RDONLY, O_WRONLY } = constants;
const CHUNK_BYTES = 65_536;

/**
 * Reads a file that a guest has left.
 * @throws SandboxError `SANDBOX_FILE_REFUSED`, `SANDBOX_INVALID_ARGUMENT`
 */
export function readGuestFile(root: string, path: string, maxBytes: number): Uint8Array {
  if (!isPlainPath(path)) invalid("path must be a plain relative one");
  const file = openInside(root, path, { flags: O_RDONLY });
  try {
    const chunks: Uint8Array[] = [];
    for (let total = 0; ; ) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const length = readSync(file, chunk);
      if (length === 0) return new Uint8Array(Buffer.concat(chunks));
      total += length;
      // The size that the file says it has is the guest's word.
      if (total > maxBytes)
        throw new SandboxError(
          "SANDBOX_FILE_REFUSED",
          `file of the workspace is longer than ${maxBytes} bytes`,
        );
      chunks.push(chunk.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a file for a guest, who may change it; folders on the way are made.
 * @param uid who it belongs to.
 * @throws SandboxError `SANDBOX_FILE_REFUSED`, `SANDBOX_INVALID_ARGUMENT`
 */
export function writeGuestFile(root: string, path: string, content: Uint8Array, uid: number): void {
  if (!isPlainPath(path)) invalid("path must be a plain relative one");
  const isRoot = process.getuid?.() === 0;
  const file = openInside(root, path, {
    flags: O_WRONLY | O_CREAT,
    made: (folder) => {
      if (isRoot) lchownSync(folder, uid, uid);
    },
  });
  try {
    if (isRoot) fchownSync(file, uid, uid);
    ftruncateSync(file, 0);
    for (let offset = 0; offset < content.length; ) offset += writeSync(file, content, offset);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown";
    throw new SandboxError("SANDBOX_FILE_REFUSED", `file of the workspace cannot be written: ${code}`);
  } finally {
    closeSync(file);
  }
}
