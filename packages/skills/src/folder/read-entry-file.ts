import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { SkillError } from "../skill-error.ts";

/**
 * What an entry is now, without following links.
 * @throws SkillError `SKILL_CHANGED` when it is gone, `SKILL_UNREADABLE` when nobody may look.
 */
export async function stateOf(path: string): Promise<BigIntStats> {
  try {
    return await lstat(path, { bigint: true });
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (code === "EACCES" || code === "EPERM") {
      throw new SkillError("SKILL_UNREADABLE", "an entry of the folder may not be looked at", { cause });
    }
    throw changed(cause);
  }
}

/** Whether an entry is the same, and nothing about it changed. */
export function sameState(a: BigIntStats, b: BigIntStats): boolean {
  return (
    a.dev === b.dev &&
    a.ino === b.ino &&
    a.mode === b.mode &&
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs
  );
}

/**
 * Reads the very file that was looked at; undefined when it may not be opened.
 * @throws SkillError `SKILL_CHANGED`
 */
export async function readEntryFile(path: string, state: BigIntStats): Promise<Uint8Array | undefined> {
  // Without following a link put there since, and without waiting for the writer of a FIFO.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  let file: FileHandle;
  try {
    file = await open(path, flags);
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (code === "EACCES" || code === "EPERM") return undefined;
    throw changed(cause);
  }
  try {
    if (!sameState(state, await file.stat({ bigint: true }))) throw changed();
    const bytes = await readAll(file, Number(state.size));
    if (!sameState(state, await file.stat({ bigint: true }))) throw changed();
    return bytes;
  } finally {
    await file.close();
  }
}

async function readAll(file: FileHandle, size: number): Promise<Uint8Array> {
  // One byte more than there should be, to see whether there is more.
  const bytes = new Uint8Array(size + 1);
  let length = 0;
  while (length <= size) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length !== size) throw changed();
  return bytes.subarray(0, size);
}

function changed(cause?: unknown): SkillError {
  return new SkillError("SKILL_CHANGED", "the folder changed while it was read", { cause, retryable: true });
}
