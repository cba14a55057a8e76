import { NETWORK_FOLDER } from "../../network/guest-network.ts";
import type { GuestCommand } from "../tier.ts";
import { seccompProfile } from "./seccomp-profile.ts";

/** What a container is made of, beside the command. */
export interface ContainerPlan {
  /** Id of the image: what a name means may change. */
  readonly image: string;
  readonly runtime: string;
  /** Who the workspace belongs to. */
  readonly uid: number;
  /** Who the first process is. Default the same. */
  readonly firstUid?: number;
  readonly cpus: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Folder of the host that is the workspace. Default one in memory, which is gone with the run. */
  readonly workspace?: string | undefined;
  /** Folder of the host with the socket of its proxy, to read. Default none. */
  readonly network?: string | undefined;
  /** Processes and memory that the runtime needs beside the guest's. */
  readonly overhead: { readonly processes: number; readonly memoryBytes: number };
  /** Called with the id before it is started. */
  readonly check: (containerId: string) => Promise<void>;
}

const SHARED_MEMORY_BYTES = 1024 * 1024;
const MAX_FILES = 10_000;
const NANO = 1_000_000_000;

/**
 * The body of a call that creates a container: no network, nothing to write but the workspace, `/tmp` and shared
 * memory, no capability, no new privilege, a filter of system calls, bounds for everything the engine can bound.
 */
export function containerBody(
  command: GuestCommand,
  plan: ContainerPlan,
): { readonly HostConfig: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>> {
  const { argv, env, limits } = command;
  const { uid, workspace, network, overhead } = plan;
  const mounts = [
    ...(workspace === undefined ? [] : [mount(workspace, "/workspace")]),
    ...(network === undefined ? [] : [{ ...mount(network, NETWORK_FOLDER), ReadOnly: true }]),
  ];
  const owner = `uid=${uid},gid=${uid}`;
  const inMemory = `rw,exec,nosuid,nodev,size=${limits.workspaceBytes},nr_inodes=${MAX_FILES},${owner},mode=0700`;
  const memoryBytes = limits.memoryBytes + overhead.memoryBytes;
  return {
    Image: plan.image,
    // Neither the image's entry point nor its health check: both are commands that nobody has asked for.
    Entrypoint: [],
    Cmd: argv,
    Healthcheck: { Test: ["NONE"] },
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    WorkingDir: "/workspace",
    User: `${plan.firstUid ?? uid}:${plan.firstUid ?? uid}`,
    Hostname: "sandbox",
    Labels: plan.labels,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    Tty: false,
    // The kernel's fresh network namespace is all there is to it: with `NetworkMode` alone, the engine starts itself once
    // more for each container, to look after a network that has nothing in it.
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges", `seccomp=${seccompProfile()}`],
      Runtime: plan.runtime,
      Init: true,
      IpcMode: "private",
      CgroupnsMode: "private",
      ShmSize: SHARED_MEMORY_BYTES,
      Memory: memoryBytes,
      MemorySwap: memoryBytes,
      NanoCpus: Math.round(plan.cpus * NANO),
      // The forwarder is one more.
      PidsLimit: limits.processes + overhead.processes + (network === undefined ? 0 : 1),
      Ulimits: [
        // The signal comes first, so that it can be told from a kill; who ignores it is killed a second later.
        { Name: "cpu", Soft: limits.cpuSeconds, Hard: limits.cpuSeconds + 1 },
        ulimit("nofile", limits.openFiles),
        ulimit("fsize", limits.fileBytes),
        ulimit("stack", limits.stackBytes),
        ulimit("core", 0),
        ulimit("memlock", 65_536),
        ulimit("msgqueue", 0),
      ],
      Tmpfs: {
        "/tmp": `rw,noexec,nosuid,nodev,size=${limits.tmpBytes},nr_inodes=${MAX_FILES},mode=1777`,
        ...(workspace === undefined ? { "/workspace": inMemory } : {}),
      },
      ...(mounts.length === 0 ? {} : { Mounts: mounts }),
      LogConfig: { Type: "none", Config: {} },
      RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    },
  };
}

function ulimit(name: string, value: number): object {
  return { Name: name, Soft: value, Hard: value };
}

function mount(source: string, target: string): object {
  return {
    Type: "bind",
    Source: source,
    Target: target,
    BindOptions: { Propagation: "rprivate" },
  };
}
