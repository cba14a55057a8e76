import { randomBytes } from "node:crypto";
import { chownSync, constants, copyFileSync, existsSync, linkSync, mkdirSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";

/** What Firecracker sees of the host: a folder with the two files it boots from, and its sockets. */
export interface Jail {
  readonly id: string;
  readonly root: string;
  remove(): Promise<void>;
}

const PREFIX = "symbiont-";

/**
 * Makes the folder that the jailer changes its root to, with kernel and image as `/vmlinux` and `/initrd`. What killed
 * hosts have left there is removed.
 */
export async function makeJail(
  base: string,
  program: string,
  files: Readonly<Record<string, string>>,
  uid: number,
): Promise<Jail> {
  const all = join(base, basename(program));
  mkdirSync(all, { recursive: true, mode: 0o755 });
  for (const name of readdirSync(all)) {
    const owner = new RegExp(`^${PREFIX}(\\d{1,10})-[0-9a-f]{16}$`).exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`))
      await rm(join(all, name), { recursive: true, force: true });
  }
  const id = `${PREFIX}${process.pid}-${randomBytes(8).toString("hex")}`;
  const root = join(all, id, "root");
  const remove = async (): Promise<void> =>
    rm(join(all, id), { recursive: true, force: true, maxRetries: 3 });
  try {
    mkdirSync(root, { recursive: true, mode: 0o755 });
    mkdirSync(join(root, "run"), { mode: 0o700 });
    chownSync(join(root, "run"), uid, uid);
    for (const [name, path] of Object.entries(files)) bring(path, join(root, name));
  } catch (error) {
    await remove();
    throw error;
  }
  return { id, root, remove };
}

/** As the same file where that is possible. */
function bring(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  }
}
