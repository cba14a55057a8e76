import { invalid } from "../../sandbox-error.ts";
import { type DockerTierOptions, engineTier } from "../docker/docker-tier.ts";
import type { Enforcement, WarmTier } from "../tier.ts";
import { bundleTier, type GvisorBundleOptions } from "./bundle-tier.ts";

/** Options of {@link gvisorTier} by way of the Docker engine. */
export interface GvisorEngineOptions extends DockerTierOptions {
  /** The engine's name for `runsc`, which it must run with `--network=none`. Default `runsc`. */
  readonly runtime?: string;
  /**
   * The engine's name for a `runsc` that it runs with `--network=none --host-uds=open`, for runs with a network: they
   * reach their proxy by a socket. Default none: a network is refused.
   */
  readonly networkRuntime?: string;
}

const MIB = 1024 * 1024;
/** Threads and memory of gVisor's own, which are counted with the guest's. */
const OVERHEAD = { processes: 256, memoryBytes: 64 * MIB };

const RUNTIME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const HINT =
  "for runs with a network, name a second runtime in the engine's configuration, runsc with " +
  "--network=none and --host-uds=open, and give its name as networkRuntime";

/** gVisor's processes are not the host's: the host cannot count them or their time, and gVisor does not. */
const NOT_ENFORCED: Partial<Enforcement> = { processes: "none", cpuSeconds: "none" };

/**
 * Containers whose kernel is gVisor: system calls of a guest are answered by a program of the host, not by the host's
 * kernel. With `rootfs`, `runsc` is started directly; with `image`, by the Docker engine, which takes longer.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function gvisorTier(options: GvisorBundleOptions | GvisorEngineOptions): WarmTier {
  if ("rootfs" in options) return bundleTier(options, NOT_ENFORCED);
  const { runtime = "runsc", networkRuntime } = options;
  for (const [option, name] of Object.entries({ runtime, networkRuntime }))
    if (name !== undefined && (typeof name !== "string" || !RUNTIME.test(name)))
      invalid(`${option} must be the engine's name for a runtime`);
  return engineTier(options, {
    name: "gvisor",
    runtime,
    networkRuntime: networkRuntime ?? runtime,
    ...(networkRuntime === undefined
      ? { hints: [HINT] }
      : {
          hints: [],
          networkProblem: async (engine) => {
            const { socketRuntimeProblem } = await import("./socket-runtime.ts");
            return socketRuntimeProblem(engine, networkRuntime);
          },
        }),
    sharesKernel: false,
    overhead: OVERHEAD,
    notEnforced: { ...NOT_ENFORCED, ...(networkRuntime === undefined ? { networkAllow: "none" } : {}) },
  });
}
