import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileGeneration } from "@symbiont/filestore";
import type { DecisionRequest, Principal } from "@symbiont/kit";

/**
 * A file access as a request to a policy, by where the path really leads: symbolic links are followed, `..` is gone.
 * The operation is `read`, `write` or `delete`; its first subject has `path` (absolute) and `inside` (the path from the
 * root with slashes). A file that does not exist yet is judged by the folder it would stand in.
 *
 * Between this look and the access a link can be changed by whoever may write there: open what was judged, with
 * `O_NOFOLLOW`, or keep the folder out of the agent's reach.
 *
 * @throws RangeError when the path leads out of the root, or its folder does not exist; the message holds no path.
 */
export function fileRequest(
  principal: Principal,
  {
    root,
    path,
    access,
  }: { readonly root: string; readonly path: string; readonly access: "read" | "write" | "delete" },
): DecisionRequest {
  if (path.includes("\0")) throw new RangeError("path must not hold NUL");
  const base = real(root);
  const target = realOrNew(resolve(base, path));
  const inside = relative(base, target);
  if (inside === ".." || inside.startsWith(`..${sep}`) || resolve(base, inside) !== target)
    throw new RangeError("path must not lead out of the root");
  return {
    principal,
    action: access,
    resource: { kind: "file", id: target },
    context: { subjects: [{ path: target, inside: inside.replaceAll(sep, "/") }] },
  };
}

function realOrNew(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // A link to nothing is not a new file: writing to it would make one elsewhere. realpath of its folder succeeds
    // while its own fails, so the name itself must not exist.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" || isLink(path)) throw new RangeError("path cannot be followed");
    return join(real(dirname(path)), basename(path));
  }
}

function isLink(path: string): boolean {
  return fileGeneration(path) !== undefined;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw new RangeError("path must stand in a folder that exists");
  }
}
