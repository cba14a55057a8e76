import { closeSync, constants, openSync, writeFileSync } from "node:fs";

/**
 * Writes to a file of the owner's, and never through a link, which whoever can write the folder may have put in its place.
 * @throws the system's error, `ELOOP` for a link.
 */
export function writeNoLink(path: string, content: string | Uint8Array, mode: "append" | "replace"): void {
  const how = mode === "append" ? constants.O_APPEND : constants.O_TRUNC;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW | how;
  const descriptor = openSync(path, flags, 0o600);
  try {
    writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}
