import { FilestoreError, readPrivateFile, replaceFile } from "@symbiont/filestore";
import { decodeUtf8, encodeUtf8 } from "@symbiont/kit";
import type { AnchorStore } from "./anchor.ts";

const MAX_NOTE_BYTES = 1 << 20;

/**
 * Keeps the newest checkpoint in a file: on another disk, a network share, a folder of another owner. Its directory
 * must exist. Whoever can write both the journal's folder and this file can take both back.
 * @throws FilestoreError from its methods.
 */
export function fileAnchor(path: string): AnchorStore {
  return {
    keep: async (note) => {
      await replaceFile(path, encodeUtf8(note));
    },
    newest: async () => {
      try {
        return decodeUtf8((await readPrivateFile(path, { maxBytes: MAX_NOTE_BYTES })).bytes);
      } catch (error) {
        if (FilestoreError.is(error) && error.code === "FILE_NOT_FOUND") return undefined;
        throw error;
      }
    },
  };
}
