import type { GuestCommand } from "../tier.ts";

/** What a bundle is made of, beside the command. */
export interface BundlePlan {
  /** Folder of the host that is the guest's root, to read. */
  readonly rootfs: string;
  /** Folder of the host that is the workspace. Default one in memory, which is gone with the run. */
  readonly workspace?: string | undefined;
  /** Folder of the host with the socket of its proxy, to read. Default none. */
  readonly network?: string | undefined;
  /** Folder of the host with the program that waits for a command, and where the guest has it, to read. Default none. */
  readonly waiter?: { readonly folder: string; readonly place: string } | undefined;
}

/** Where a guest has it: runsc cannot make a place in a root that it may only read, and this is in nearly every one. */
export const BUNDLE_NETWORK_FOLDER = "/run";
const SHARED_MEMORY_BYTES = 1024 * 1024;

/**
 * The configuration of a bundle for one run: no network, no capability, a root to read, and three bounded places to
 * write.
 *
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config.md
 */
export function ociConfig({ argv, env, limits }: GuestCommand, plan: BundlePlan): object {
  const { rootfs, workspace, network, waiter } = plan;
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      // Without privilege, runsc knows one user: 0 inside is the one that it runs as outside.
      user: { uid: 0, gid: 0 },
      args: argv,
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: "/workspace",
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
      noNewPrivileges: true,
      rlimits: [
        rlimit("NOFILE", limits.openFiles),
        rlimit("FSIZE", limits.fileBytes),
        rlimit("STACK", limits.stackBytes),
        rlimit("CORE", 0),
        rlimit("MEMLOCK", 65_536),
      ],
    },
    root: { path: rootfs, readonly: true },
    hostname: "sandbox",
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      inMemory("/dev", ["mode=0755", "nosuid"]),
      inMemory("/tmp", [`size=${limits.tmpBytes}`, "mode=1777", "noexec", "nosuid", "nodev"]),
      inMemory("/dev/shm", [`size=${SHARED_MEMORY_BYTES}`, "mode=1777", "noexec", "nosuid", "nodev"]),
      workspace === undefined
        ? inMemory("/workspace", [`size=${limits.workspaceBytes}`, "mode=0700", "nosuid", "nodev"])
        : {
            destination: "/workspace",
            type: "bind",
            source: workspace,
            options: ["rbind", "rw", "nosuid", "nodev"],
          },
      ...(network === undefined ? [] : [readOnly(network, BUNDLE_NETWORK_FOLDER)]),
      ...(waiter === undefined ? [] : [readOnly(waiter.folder, waiter.place)]),
    ],
    linux: {
      namespaces: ["pid", "mount", "ipc", "uts", "network"].map((type) => ({ type })),
    },
  };
}

function rlimit(name: string, value: number): object {
  return { type: `RLIMIT_${name}`, soft: value, hard: value };
}

function readOnly(source: string, destination: string): object {
  return { destination, type: "bind", source, options: ["rbind", "ro", "nosuid", "nodev"] };
}

function inMemory(destination: string, options: readonly string[]): object {
  return { destination, type: "tmpfs", source: "tmpfs", options };
}
