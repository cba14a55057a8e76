import { resolve } from "node:path";
import type { LocalKeyProvider } from "../../key-provider.ts";
import { type FileKeyOptions, keyFileProvider } from "./key-file-provider.ts";

/**
 * Takes the key from a file of at most 4 KiB: text, of which one final newline is not a part, or exactly 32 bytes
 * that are not text. Without the file there is no key; an empty file is a wrong key. Its id is `file:<path>`.
 *
 * Mode, owner and folder are checked at every load: see {@link FileKeyOptions.access}. Access control lists are
 * not looked at.
 * @throws TypeError, RangeError on a wrong path or option.
 */
export function fileKey(path: string, options: FileKeyOptions = {}): LocalKeyProvider {
  if (typeof path !== "string" || path === "" || path.includes("\0"))
    throw new TypeError("path must be the path of a file");
  const absolute = resolve(path);
  return keyFileProvider(`file:${absolute}`, { options, path: () => absolute, clean: withoutNewline });
}

/** What an editor or `echo` adds is not a part of the key; a second newline is. */
export function withoutNewline(text: string): string {
  return text.replace(/\r?\n$/, "");
}
