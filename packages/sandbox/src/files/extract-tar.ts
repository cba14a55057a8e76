import { closeSync, constants, writeSync } from "node:fs";
import { openInside } from "./open-inside.ts";
import { type RejectedEntry, readTar, type TarBounds } from "./read-tar.ts";

const { O_CREAT, O_EXCL, O_WRONLY } = constants;

/**
 * Writes the plain files of an archive that nobody vouches for below a folder of the host. No link is followed, nothing
 * that is there is replaced, and every file belongs to this process alone.
 *
 * @returns what was not taken.
 * @throws SandboxError `SANDBOX_FILE_REFUSED`; files before the one that is refused stay.
 */
export async function extractTar(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  bounds: TarBounds = {},
): Promise<readonly RejectedEntry[]> {
  return readTar(
    source,
    (path, content) => {
      const file = openInside(folder, path, { flags: O_WRONLY | O_CREAT | O_EXCL, made: () => undefined });
      try {
        for (let offset = 0; offset < content.length; ) offset += writeSync(file, content, offset);
      } finally {
        closeSync(file);
      }
    },
    bounds,
  );
}
