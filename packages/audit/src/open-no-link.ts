import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isOwnFolder } from "./own-folder.ts";

/**
 * Opens a file of the owner's below `root`, and never another one that a link leads to: one in its own place, one in the
 * place of a folder above it, or a second name of the same file. Whatever it was before, nothing of it is changed yet.
 * @param flags without `O_TRUNC`.
 * @throws the system's error; an Error when there is a link.
 */
export function openNoLink(root: string, path: string, flags: number): number {
  assertOwn(isOwnFolder(root, dirname(path)));
  const descriptor = openSync(path, flags | constants.O_NOFOLLOW, 0o600);
  try {
    const { dev, ino, nlink } = fstatSync(descriptor);
    // A link that was there for a moment has led to a file that is not there now.
    const there = lstatSync(path);
    assertOwn(there.ino === ino && there.dev === dev && nlink === 1 && isOwnFolder(root, dirname(path)));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Writes to a file as {@link openNoLink} opens it. @throws as that, and the system's error */
export function writeNoLink(
  root: string,
  path: string,
  { content, mode }: { readonly content: string | Uint8Array; readonly mode: "append" | "replace" },
): void {
  const append = mode === "append" ? constants.O_APPEND : 0;
  const descriptor = openNoLink(root, path, constants.O_WRONLY | constants.O_CREAT | append);
  try {
    if (mode === "replace") ftruncateSync(descriptor, 0);
    writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

function assertOwn(own: boolean): void {
  if (!own) throw new Error("a link leads to another file");
}
