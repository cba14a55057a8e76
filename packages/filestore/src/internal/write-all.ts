import { FilestoreError } from "../errors.ts";
import type { FileSystem } from "../file-system.ts";

/** Writes every byte: the system may take fewer than offered, and does not call that an error. */
export function writeAll(
  fileSystem: FileSystem,
  file: { readonly descriptor: number; readonly path: string },
  bytes: Uint8Array,
  position: number,
): void {
  let written = 0;
  while (written < bytes.length) {
    const rest = written === 0 ? bytes : bytes.subarray(written);
    const taken = fileSystem.write(file.descriptor, rest, position + written);
    if (taken <= 0) throw new FilestoreError("FILE_IO", "the system took no byte", { path: file.path });
    written += taken;
  }
}
