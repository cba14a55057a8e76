import { isAbsolute, join } from "node:path";
import { canBoundWorkspace } from "../../files/can-bound-workspace.ts";
import { isFolder } from "../../files/is-folder.ts";
import { hasForwarder } from "../../network/has-forwarder.ts";
import { findMemoryLayout } from "../../process/memory-layout.ts";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-range.ts";
import { invalid } from "../../sandbox-error.ts";
import { checkWarm } from "../../warm/check-warm.ts";
import type { Enforcement, WarmTier } from "../tier.ts";
import { warmTierOnDemand } from "../tier-on-demand.ts";
import { BUNDLE_NETWORK_FOLDER } from "./oci-config.ts";

/** Options of `gvisorTier` without an engine. */
export interface GvisorBundleOptions {
  /** Absolute path of the folder that is the guest's root. It is only read; guests must be allowed to. */
  readonly rootfs: string;
  /** How `runsc` is to catch system calls, in its words. Default what it chooses. */
  readonly platform?: string;
  /** Users for guests where the host runs as root. Default 200000 to 200999. */
  readonly uidRange?: UidRange;
  /**
   * Containers that are kept started and empty, each for one run with the same limits as the run before, without a
   * network. They are there until the tier is closed. Default 0.
   */
  readonly warm?: number;
}

const PLATFORM = /^[a-z]{1,20}$/;

/**
 * gVisor without an engine: `runsc` on a bundle of its own, as a user of its own.
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function bundleTier(options: GvisorBundleOptions, notEnforced: Partial<Enforcement>): WarmTier {
  const { rootfs, platform, uidRange = DEFAULT_UID_RANGE, warm = 0 } = options;
  if (typeof rootfs !== "string" || !isAbsolute(rootfs)) invalid("rootfs must be an absolute path");
  if (platform !== undefined && !PLATFORM.test(platform)) invalid("platform must be one of runsc's");
  checkWarm(warm);
  const enforcement = (): Enforcement => ({
    wallMs: "supervisor",
    idleMs: "supervisor",
    cpuSeconds: "kernel",
    memoryBytes: findMemoryLayout() === undefined ? "supervisor" : "kernel",
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
    networkAllow: hasForwarder() && isFolder(join(rootfs, BUNDLE_NETWORK_FOLDER)) ? "supervisor" : "none",
    ...notEnforced,
  });
  return warmTierOnDemand(
    {
      name: "gvisor",
      isolation: Object.freeze({
        sharesKernel: false,
        seesHostProcesses: false,
        seesHostFiles: false,
        reachesNetwork: false,
      }),
      enforcement,
      sessionEnforcement: enforcement,
    },
    async () => {
      const { BundleRunner } = await import("./bundle-runner.ts");
      return new BundleRunner({ rootfs, platform, uidRange, warm });
    },
  );
}
