import { availableParallelism } from "node:os";
import { ownWorkspace, UserWorkspace } from "../../files/user-workspace.ts";
import { canBoundWorkspace } from "../../files/workspace-folder.ts";
import type { SandboxLimits } from "../../policy/limits.ts";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-lease.ts";
import { UserPool } from "../../process/user-pool.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { invalid } from "../../sandbox-error.ts";
import { probeTier } from "../probe-tier.ts";
import type { Enforcement, GuestCommand, Isolation, Tier, TierReport, Workspace } from "../tier.ts";
import { leaseLabels, reapContainers } from "./container-lease.ts";
import { DockerGuest } from "./docker-guest.ts";
import { EngineClient } from "./engine-client.ts";
import { ImagePrograms, programPaths } from "./image-programs.ts";
import { MemoryEvents } from "./memory-events.ts";
import { openContainer } from "./open-container.ts";

/** Options of {@link dockerTier}. */
export interface DockerTierOptions {
  /** Name or id of an image that the engine has. It is never fetched. */
  readonly image: string;
  /** Default `/var/run/docker.sock`. */
  readonly socketPath?: string;
  /** Processors of each run, also parts of one. Default 1. */
  readonly cpus?: number;
  /** How long the engine may take to answer, in milliseconds. Default 10,000. */
  readonly engineTimeoutMs?: number;
  /** Users for guests where the host runs as root. Default 200000 to 200999. */
  readonly uidRange?: UidRange;
}

const DEFAULT_SOCKET = "/var/run/docker.sock";
const DEFAULT_ENGINE_TIMEOUT_MS = 10_000;
const REAP_EVERY_MS = 60_000;
/** The init process. */
const DOCKER_OVERHEAD = { processes: 1, memoryBytes: 0 };

/** What one runtime of the engine makes of a container. */
export interface EngineRuntime {
  readonly name: "docker" | "gvisor";
  /** By the engine's name for it. */
  readonly runtime: string;
  readonly sharesKernel: boolean;
  readonly overhead: { readonly processes: number; readonly memoryBytes: number };
  readonly notEnforced: Partial<Enforcement>;
}

/**
 * Containers of the Docker engine, by its socket: hardened as far as the engine can, each for one run, none left. The
 * kernel is the host's.
 *
 * Files and sessions go through a folder of this host: the engine must be one that sees the host's files.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function dockerTier(options: DockerTierOptions): Tier {
  return new DockerTier(options, {
    name: "docker",
    runtime: "runc",
    sharesKernel: true,
    overhead: DOCKER_OVERHEAD,
    notEnforced: {},
  });
}

/** The same for any runtime. */
export class DockerTier implements Tier {
  readonly name: "docker" | "gvisor";
  readonly isolation: Isolation;
  readonly #runtime: EngineRuntime;
  readonly #imageName: string;
  readonly #cpus: number;
  readonly #engine: EngineClient;
  readonly #memory: MemoryEvents;
  readonly #users: UserPool;
  #image: Promise<ImagePrograms> | undefined;
  #reapedAt = Number.NEGATIVE_INFINITY;

  constructor(options: DockerTierOptions, runtime: EngineRuntime) {
    const { image, socketPath = DEFAULT_SOCKET, cpus = 1, uidRange = DEFAULT_UID_RANGE } = options;
    const { engineTimeoutMs = DEFAULT_ENGINE_TIMEOUT_MS } = options;
    if (typeof image !== "string" || image === "") invalid("image must be the name of an image");
    if (typeof socketPath !== "string" || !socketPath.startsWith("/")) invalid("socketPath must be absolute");
    if (!(cpus > 0 && cpus <= availableParallelism())) invalid("cpus must be at most what the host has");
    if (!Number.isSafeInteger(engineTimeoutMs) || engineTimeoutMs < 1)
      invalid("engineTimeoutMs must be whole");
    this.name = runtime.name;
    this.isolation = Object.freeze({
      sharesKernel: runtime.sharesKernel,
      seesHostProcesses: false,
      seesHostFiles: false,
      reachesNetwork: false,
    });
    this.#runtime = runtime;
    this.#imageName = image;
    this.#cpus = cpus;
    this.#engine = new EngineClient(socketPath, engineTimeoutMs);
    this.#memory = new MemoryEvents(this.#engine);
    this.#users = new UserPool(uidRange, false);
  }

  enforcement(): Enforcement {
    return {
      wallMs: "supervisor",
      idleMs: "supervisor",
      cpuSeconds: "kernel",
      memoryBytes: "kernel",
      processes: "kernel",
      openFiles: "kernel",
      fileBytes: "kernel",
      stackBytes: "kernel",
      workspaceBytes: canBoundWorkspace() ? "kernel" : "none",
      tmpBytes: "kernel",
      outputBytes: "supervisor",
      outputHardBytes: "supervisor",
      network: "kernel",
      filesystem: "kernel",
      syscalls: "kernel",
      ...this.#runtime.notEnforced,
    };
  }

  sessionEnforcement(): Enforcement {
    return this.enforcement();
  }

  async probe(): Promise<TierReport> {
    const report = await probeTier(this, [], []);
    const advice = report.available ? [] : ADVICE[this.name];
    return { ...report, advice };
  }

  async createWorkspace(limits: SandboxLimits): Promise<Workspace> {
    return UserWorkspace.create(this.#users, limits);
  }

  async start(command: GuestCommand, workspace?: Workspace): Promise<GuestProcess> {
    const image = await this.#findImage();
    await this.#reapNowAndThen();
    const shared = UserWorkspace.of(workspace);
    const { limits, argv, env, files } = command;
    const own = shared === undefined ? await ownWorkspace(this.#users, files, limits) : undefined;
    const user = own?.user ?? shared?.user ?? (await this.#users.take());
    const giveBack = async (): Promise<void> => {
      if (own !== undefined) await own.close();
      else if (shared === undefined) this.#users.giveBack(user);
    };
    try {
      const program = argv[0];
      const mayBeOwn = program.includes("/") && (shared !== undefined || files.size > 0);
      const isCertain = image.isKnown(program) || (mayBeOwn && !program.startsWith("/"));
      const container = await openContainer(this.#engine, command, {
        image: image.id,
        runtime: this.#runtime.runtime,
        overhead: this.#runtime.overhead,
        uid: user.uid,
        cpus: this.#cpus,
        labels: leaseLabels(limits.wallMs, Date.now()),
        workspace: (own ?? shared)?.path,
        check: async (id) =>
          isCertain ? undefined : image.check(id, program, programPaths(program, env["PATH"] ?? "")),
      });
      return new DockerGuest({ engine: this.#engine, memory: this.#memory, container, limits, giveBack });
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  async #findImage(): Promise<ImagePrograms> {
    this.#image ??= ImagePrograms.of(this.#engine, this.#imageName);
    return this.#image.catch((error: unknown) => {
      // The next run asks again: somebody may have brought it, or the engine may be back.
      this.#image = undefined;
      throw error;
    });
  }

  async #reapNowAndThen(): Promise<void> {
    if (performance.now() - this.#reapedAt < REAP_EVERY_MS) return;
    this.#reapedAt = performance.now();
    await reapContainers(this.#engine, Date.now());
  }
}

const ADVICE: Readonly<Record<"docker" | "gvisor", readonly string[]>> = {
  docker: ["install docker.io, start its daemon, and import or build the image"],
  gvisor: [
    "install docker.io and runsc, name runsc among the daemon's runtimes, and import or build the image",
  ],
};
