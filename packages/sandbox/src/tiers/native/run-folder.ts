import { chmodSync, chownSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A fresh folder for one run, the guest's own, and the way to be rid of it. */
export interface RunFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** @param uid who it belongs to. */
export function createRunFolder(uid: number, files: ReadonlyMap<string, Uint8Array>): RunFolder {
  const path = mkdtempSync(join(tmpdir(), "sandbox-"));
  const isRoot = process.getuid?.() === 0;
  const give = (target: string): void => {
    if (isRoot) chownSync(target, uid, uid);
  };
  for (const [name, bytes] of files) {
    const target = join(path, name);
    for (const folder of foldersOf(name)) {
      mkdirSync(join(path, folder), { recursive: true, mode: 0o700 });
      give(join(path, folder));
    }
    writeFileSync(target, bytes, { flag: "wx", mode: 0o600 });
    give(target);
  }
  chmodSync(path, 0o700);
  give(path);
  return { path, remove: async () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** From the outermost in. */
function foldersOf(name: string): string[] {
  const parent = dirname(name);
  return parent === "." ? [] : [...foldersOf(parent), parent];
}
