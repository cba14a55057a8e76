import type { Stats } from "node:fs";
import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, join, parse, resolve } from "node:path";
import { SecretError } from "../../errors.ts";

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
const MAX_LINKS = 40;

/**
 * Follows the symbolic links of a path, as Kubernetes makes them for mounted secrets. Every directory and link on
 * the way must belong to root or to us, and no directory may let others replace what is in it: whoever could
 * change a step would choose our key.
 * @returns the path without links; undefined when there is nothing.
 * @throws SecretError `SECRET_FILE_NOT_PRIVATE`, `SECRET_ACCESS_DENIED`, `SECRET_UNAVAILABLE`.
 */
export async function mountedPath(id: string, path: string): Promise<string | undefined> {
  try {
    return process.platform === "win32" ? await realpath(path) : await walk(id, resolve(path));
  } catch (error) {
    if (SecretError.is(error)) throw error;
    const errno = error instanceof Error && "code" in error ? String(error.code) : "an error";
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    const code = errno === "EACCES" || errno === "EPERM" ? "SECRET_ACCESS_DENIED" : "SECRET_UNAVAILABLE";
    throw new SecretError(code, `key provider ${id}: following the path failed with ${errno}`, {
      cause: error,
    });
  }
}

async function walk(id: string, path: string): Promise<string> {
  const { root } = parse(path);
  let current = root;
  let links = 0;
  const ahead = path.slice(root.length).split("/").toReversed();
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      current = dirname(current);
      continue;
    }
    const next = join(current, name);
    const stats = await lstat(next);
    assertTrustedStep(id, next, stats);
    if (!stats.isSymbolicLink()) {
      current = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw notPrivate(id, `too many symbolic links at ${next}`);
    const target = await readlink(next);
    if (target.startsWith("/")) current = root;
    ahead.push(...target.split("/").toReversed());
  }
  return current;
}

/** Only directories and links: the file itself is judged by whoever opens it. */
function assertTrustedStep(id: string, path: string, stats: Stats): void {
  if (!stats.isDirectory() && !stats.isSymbolicLink()) return;
  if (stats.uid !== 0 && stats.uid !== process.geteuid?.())
    throw notPrivate(id, `${path} belongs to another user`);
  if (stats.isDirectory() && (stats.mode & WRITABLE_BY_OTHERS) !== 0 && (stats.mode & STICKY) === 0)
    throw notPrivate(id, `others may replace files in ${path}`);
}

function notPrivate(id: string, fault: string): SecretError {
  return new SecretError("SECRET_FILE_NOT_PRIVATE", `key provider ${id}: ${fault}`);
}
