import { randomBytes } from "node:crypto";
import { chownSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isGoneInShort, thisHostInShort } from "../process/lease-owner.ts";
import { SandboxError } from "../sandbox-error.ts";

const NAME = /^sandbox-(\d{1,10}-\d{1,20}-[0-9a-f]{16})-[0-9a-f]{16}$/;
const INNER = "workspace";

/** A folder for a guest inside one that the guest cannot change. */
export interface HostFolder {
  /** This process's own: guests pass through it. */
  readonly outer: string;
  /** The guest's. */
  readonly inner: string;
}

/** Makes a folder for the guests of a user. */
export function createHostFolder(uid: number): HostFolder {
  const outer = createOuter(0o711);
  const inner = innerOf(outer);
  try {
    mkdirSync(inner, { mode: 0o700 });
    if (process.getuid?.() === 0) chownSync(inner, uid, uid);
    return { outer, inner };
  } catch (cause) {
    rmSync(outer, { recursive: true, force: true });
    throw hostFolderFailed(cause);
  }
}

/** Makes a folder for a socket. It is this process's own, who else may pass is up to whoever asked. */
export function createSocketFolder(): string {
  return createOuter(0o700);
}

function createOuter(mode: number): string {
  const outer = join(tmpdir(), `sandbox-${thisHostInShort()}-${randomBytes(8).toString("hex")}`);
  try {
    mkdirSync(outer, { mode });
    return outer;
  } catch (cause) {
    throw hostFolderFailed(cause);
  }
}

/** What a folder for temporary files that cannot be used is to whoever asked for a run. */
export function hostFolderFailed(cause: unknown): SandboxError {
  if (SandboxError.is(cause)) return cause;
  const { code = "unknown" } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new SandboxError("SANDBOX_CAPACITY", "the folder for temporary files is full", {
      cause,
      retryable: true,
    });
  return new SandboxError(
    "SANDBOX_TIER_UNAVAILABLE",
    `the folder for temporary files cannot be used: ${code}`,
    {
      cause,
    },
  );
}

/** Where the guest's folder is. */
export function innerOf(outer: string): string {
  return join(outer, INNER);
}

/**
 * Removes the folders of processes that are known to have been killed: those of another container, which may share the
 * place and count its processes anew, are not. Only those that are this user's own: in a place for all, names
 * prove nothing, and somebody else's folder may turn into a link while it is removed. One that cannot be removed stays
 * for the next time.
 */
export async function removeAbandoned(remove: (outer: string) => Promise<void>): Promise<void> {
  for (const name of listed()) {
    const owner = NAME.exec(name)?.[1];
    if (owner === undefined || !isGoneInShort(owner)) continue;
    const outer = join(tmpdir(), name);
    const stats = lstatSync(outer, { throwIfNoEntry: false });
    const isOwn = stats?.isDirectory() === true && stats.uid === process.getuid?.();
    if (isOwn) await remove(outer).catch(() => undefined);
  }
}

function listed(): readonly string[] {
  try {
    return readdirSync(tmpdir());
  } catch (cause) {
    throw hostFolderFailed(cause);
  }
}
