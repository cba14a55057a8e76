import { availableParallelism } from "node:os";
import { canBoundWorkspace } from "../../files/can-bound-workspace.ts";
import { hasForwarder } from "../../network/has-forwarder.ts";
import { checkArgv } from "../../policy/check-argv.ts";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-range.ts";
import { invalid } from "../../sandbox-error.ts";
import { checkWarm } from "../../warm/check-warm.ts";
import type { Enforcement, WarmTier } from "../tier.ts";
import { warmTierOnDemand } from "../tier-on-demand.ts";
import type { EngineRuntime } from "./engine-runtime.ts";

/** Options of {@link dockerTier}. */
export interface DockerTierOptions {
  /** Name or id of an image that the engine has. It is never fetched. */
  readonly image: string;
  /** Default `/var/run/docker.sock`. */
  readonly socketPath?: string;
  /** Processors of each run, also parts of one. Default 1. */
  readonly cpus?: number;
  /**
   * Containers that are kept started and empty, each for one run with the same limits as the run before. They are there
   * until the tier is closed. Default 0.
   */
  readonly warm?: number;
  /** A command of the image that ends when its standard input does, for `warm`. Default `["/bin/sh", "-c", "read _"]`. */
  readonly idleCommand?: readonly string[];
  /** How long the engine may take to answer, in milliseconds. Default 10,000. */
  readonly engineTimeoutMs?: number;
  /** Users for guests where the host runs as root. Default 200000 to 200999. */
  readonly uidRange?: UidRange;
}

/** The same, checked, with its defaults. */
export interface DockerPlan {
  readonly image: string;
  readonly socketPath: string;
  readonly cpus: number;
  readonly warm: number;
  readonly idleCommand: readonly [string, ...string[]];
  readonly engineTimeoutMs: number;
  readonly uidRange: UidRange;
}

const DEFAULT_SOCKET = "/var/run/docker.sock";
const DEFAULT_ENGINE_TIMEOUT_MS = 10_000;
const DEFAULT_IDLE_COMMAND = ["/bin/sh", "-c", "read _"];
/** The init process, and the one that keeps a container. */
const DOCKER_OVERHEAD = { processes: 2, memoryBytes: 0 };

/**
 * Containers of the Docker engine, by its socket: hardened as far as the engine can, each for one run, none left. The
 * kernel is the host's.
 *
 * Files and sessions go through a folder of this host: the engine must be one that sees the host's files.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function dockerTier(options: DockerTierOptions): WarmTier {
  return engineTier(options, {
    name: "docker",
    runtime: "runc",
    networkRuntime: "runc",
    hints: [],
    sharesKernel: true,
    overhead: DOCKER_OVERHEAD,
    notEnforced: {},
  });
}

/** The same for any runtime. @throws SandboxError `SANDBOX_INVALID_ARGUMENT` */
export function engineTier(options: DockerTierOptions, runtime: EngineRuntime): WarmTier {
  const plan = checkOptions(options);
  return warmTierOnDemand(
    {
      name: runtime.name,
      isolation: Object.freeze({
        sharesKernel: runtime.sharesKernel,
        seesHostProcesses: false,
        seesHostFiles: false,
        reachesNetwork: false,
      }),
      enforcement: () => enforcement(runtime),
      sessionEnforcement: () => enforcement(runtime),
    },
    async () => {
      const { DockerRunner } = await import("./docker-runner.ts");
      return new DockerRunner(plan, runtime);
    },
  );
}

function checkOptions(options: DockerTierOptions): DockerPlan {
  const { image, socketPath = DEFAULT_SOCKET, cpus = 1, uidRange = DEFAULT_UID_RANGE } = options;
  const { warm = 0, idleCommand = DEFAULT_IDLE_COMMAND } = options;
  const { engineTimeoutMs = DEFAULT_ENGINE_TIMEOUT_MS } = options;
  if (typeof image !== "string" || image === "") invalid("image must be the name of an image");
  if (typeof socketPath !== "string" || !socketPath.startsWith("/")) invalid("socketPath must be absolute");
  if (!(cpus > 0 && cpus <= availableParallelism())) invalid("cpus must be at most what the host has");
  if (!Number.isSafeInteger(engineTimeoutMs) || engineTimeoutMs < 1) invalid("engineTimeoutMs must be whole");
  checkWarm(warm);
  return { image, socketPath, cpus, warm, idleCommand: checkArgv(idleCommand), engineTimeoutMs, uidRange };
}

function enforcement(runtime: EngineRuntime): Enforcement {
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
    networkAllow: hasForwarder() ? "supervisor" : "none",
    ...runtime.notEnforced,
  };
}
