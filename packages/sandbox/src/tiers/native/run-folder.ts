import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createHostFolder, hostFolderFailed, removeAbandoned } from "../../files/host-folders.ts";

/** A fresh folder for one run, the guest's own, and the way to be rid of it. */
export interface RunFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** @param uid who it belongs to. @throws SandboxError `SANDBOX_CAPACITY`, `SANDBOX_TIER_UNAVAILABLE` */
export async function createRunFolder(
  uid: number,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<RunFolder> {
  await removeAbandoned(removeFolder);
  const { outer, inner: path } = createHostFolder(uid);
  const isRoot = process.getuid?.() === 0;
  const give = (target: string): void => {
    if (isRoot) chownSync(target, uid, uid);
  };
  try {
    for (const [name, bytes] of files) {
      const target = join(path, name);
      for (const folder of foldersOf(name)) {
        mkdirSync(join(path, folder), { recursive: true, mode: 0o700 });
        give(join(path, folder));
      }
      writeFileSync(target, bytes, { flag: "wx", mode: 0o600 });
      give(target);
    }
  } catch (cause) {
    await removeFolder(outer);
    throw hostFolderFailed(cause);
  }
  return { path, remove: async () => removeFolder(outer) };
}

async function removeFolder(outer: string): Promise<void> {
  await rm(outer, { recursive: true, force: true, maxRetries: 3 });
}

/** From the outermost in. */
function foldersOf(name: string): string[] {
  const parent = dirname(name);
  return parent === "." ? [] : [...foldersOf(parent), parent];
}
