import { DockerTier, type DockerTierOptions, type EngineTier } from "../docker/docker-tier.ts";
import type { Enforcement, Tier } from "../tier.ts";
import { BundleTier, type GvisorBundleOptions } from "./bundle-tier.ts";

/** Options of {@link gvisorTier} by way of the Docker engine. */
export interface GvisorEngineOptions extends DockerTierOptions {
  /** The engine's name for `runsc`, which it must run with `--network=none`. Default `runsc`. */
  readonly runtime?: string;
}

const MIB = 1024 * 1024;
/** Threads and memory of gVisor's own, which are counted with the guest's. */
const OVERHEAD = { processes: 256, memoryBytes: 64 * MIB };

/** gVisor's processes are not the host's: the host cannot count them or their time, and gVisor does not. */
const NOT_ENFORCED: Partial<Enforcement> = { processes: "none", cpuSeconds: "none" };

/**
 * Containers whose kernel is gVisor: system calls of a guest are answered by a program of the host, not by the host's
 * kernel. With `rootfs`, `runsc` is started directly; with `image`, by the Docker engine, which takes longer.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function gvisorTier(options: GvisorEngineOptions): EngineTier;
export function gvisorTier(options: GvisorBundleOptions): Tier;
export function gvisorTier(options: GvisorBundleOptions | GvisorEngineOptions): Tier {
  if ("rootfs" in options) return new BundleTier(options, NOT_ENFORCED);
  return new DockerTier(options, {
    name: "gvisor",
    runtime: options.runtime ?? "runsc",
    sharesKernel: false,
    overhead: OVERHEAD,
    // Whether its guests may use sockets of the host is up to how the engine runs it.
    notEnforced: { ...NOT_ENFORCED, networkAllow: "none" },
  });
}
