import { lstatSync, readlinkSync } from "node:fs";
import { posix } from "node:path";
import { NETWORK_FOLDER } from "../../network/guest-network.ts";
import type { SandboxLimits } from "../../policy/limits.ts";

/** Where a file comes from that the guest gets: a descriptor that bubblewrap reads. */
export interface GivenFile {
  /** Absolute path inside. */
  readonly path: string;
  readonly descriptor: number;
  /** Default 0644. */
  readonly mode?: string | undefined;
}

/** What the guest's world is made of. */
export interface GuestWorld {
  readonly limits: SandboxLimits;
  readonly files: readonly GivenFile[];
  /** Folder of the host that is the workspace. Default one in memory, which is gone with the run. */
  readonly workspace?: string | undefined;
  /** Folder of the host with the socket of its proxy, to read. Default none. */
  readonly network?: string | undefined;
  readonly seccompDescriptor: number;
  readonly statusDescriptor: number;
}

/** Folders of the system that programs need, and that hold no secret. */
const SYSTEM = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
const CONFIGURATION = ["/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl/certs", "/etc/localtime"];
/** There before the folders of files are made. */
const MADE: ReadonlySet<string> = new Set(["/etc", "/dev", "/workspace"]);
const SHARED_MEMORY_BYTES = 1024 * 1024;

/**
 * What bubblewrap is told: every namespace, no capability, no user namespace inside, the host's programs to read and
 * three bounded places to write: `/workspace`, `/tmp`, `/dev/shm`.
 */
export function bwrapArguments(world: GuestWorld): readonly string[] {
  const { limits, files, workspace, network, seccompDescriptor, statusDescriptor } = world;
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)));
  return [
    "--unshare-all --unshare-user --disable-userns --die-with-parent --new-session".split(" "),
    ["--hostname", "sandbox", "--cap-drop", "ALL", "--ro-bind", "/usr", "/usr"],
    SYSTEM.flatMap(systemFolder),
    CONFIGURATION.flatMap((path) => ["--ro-bind-try", path, path]),
    ["--proc", "/proc", "--dev", "/dev"],
    bounded(SHARED_MEMORY_BYTES, "1777", "/dev/shm"),
    bounded(limits.tmpBytes, "1777", "/tmp"),
    workspace === undefined
      ? bounded(limits.workspaceBytes, "0700", "/workspace")
      : ["--bind", workspace, "/workspace"],
    [...folders].filter((path) => !MADE.has(path)).flatMap((path) => ["--dir", path]),
    files.flatMap(({ path, descriptor, mode = "0644" }) => [
      "--perms",
      mode,
      "--file",
      String(descriptor),
      path,
    ]),
    network === undefined ? [] : ["--ro-bind", network, NETWORK_FOLDER],
    // What is left to write is bounded: neither the root nor /dev is a place to fill the host's memory.
    ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/workspace"],
    ["--seccomp", String(seccompDescriptor), "--json-status-fd", String(statusDescriptor), "--"],
  ].flat();
}

function bounded(bytes: number, mode: string, path: string): string[] {
  return ["--perms", mode, "--size", String(bytes), "--tmpfs", path];
}

/** As the host has it: a link into /usr on merged systems, a folder on others. */
function systemFolder(path: string): string[] {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  return stats.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

/** From the outermost in. */
function parentsOf(path: string): string[] {
  const parent = posix.dirname(path);
  return parent === "/" ? [] : [...parentsOf(parent), parent];
}
