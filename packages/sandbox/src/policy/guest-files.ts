import { encodeUtf8 } from "@symbiont/kit";
import { invalid } from "../sandbox-error.ts";

const MAX_FILES = 64;
const MAX_NAME = 255;

/**
 * Takes copies of the files that a guest finds in its workspace.
 *
 * @param given by relative path, with `/` between folders; text is written as UTF-8.
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function guestFiles(
  given: Readonly<Record<string, string | Uint8Array>> = {},
): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [path, content] of Object.entries(given)) {
    if (!isPlainPath(path)) invalid("files holds a path that is not a plain relative one");
    if (typeof content !== "string" && !(content instanceof Uint8Array))
      invalid("files must hold texts or bytes");
    files.set(path, typeof content === "string" ? encodeUtf8(content) : new Uint8Array(content));
  }
  if (files.size > MAX_FILES) invalid(`files must hold at most ${MAX_FILES} files`);
  for (const path of files.keys())
    for (const other of files.keys())
      if (other.startsWith(`${path}/`)) invalid("files holds a file that is a folder too");
  return files;
}

/** Whether a path stays below where it begins, and is spelt in one way. */
export function isPlainPath(path: string): boolean {
  return (
    typeof path === "string" &&
    path.length <= MAX_NAME &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && !/[\0-\x1f\\]/.test(part))
  );
}
