import { canBoundWorkspace } from "../../files/can-bound-workspace.ts";
import { hasForwarder } from "../../network/has-forwarder.ts";
import { findMemoryLayout } from "../../process/memory-layout.ts";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-range.ts";
import { checkWarm } from "../../warm/check-warm.ts";
import type { Enforcement, WarmTier } from "../tier.ts";
import { warmTierOnDemand } from "../tier-on-demand.ts";

/** Options of {@link namespaceTier}. */
export interface NamespaceTierOptions {
  /** Users for guests where the host runs as root. Default 200000 to 200999. */
  readonly uidRange?: UidRange;
  /**
   * Sandboxes that are kept started and empty, each for one run with the same limits as the run before, without a
   * network. They are there until the tier is closed. Default 0.
   */
  readonly warm?: number;
}

const ENFORCEMENT = Object.freeze({
  wallMs: "supervisor",
  idleMs: "supervisor",
  cpuSeconds: "kernel",
  processes: "kernel",
  openFiles: "kernel",
  fileBytes: "kernel",
  stackBytes: "kernel",
  workspaceBytes: "kernel",
  tmpBytes: "kernel",
  outputBytes: "supervisor",
  outputHardBytes: "supervisor",
  network: "kernel",
  filesystem: "kernel",
  syscalls: "kernel",
} satisfies Partial<Enforcement>);

/**
 * Linux namespaces by bubblewrap, behind a system call filter, as a user of its own. No daemon, no image, some ten
 * milliseconds. The kernel is the host's.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function namespaceTier({
  uidRange = DEFAULT_UID_RANGE,
  warm = 0,
}: NamespaceTierOptions = {}): WarmTier {
  checkWarm(warm);
  return warmTierOnDemand(
    {
      name: "namespace",
      isolation: Object.freeze({
        sharesKernel: true,
        seesHostProcesses: false,
        seesHostFiles: false,
        reachesNetwork: false,
      }),
      enforcement,
      sessionEnforcement: () => ({
        ...enforcement(),
        workspaceBytes: canBoundWorkspace() ? "kernel" : "none",
      }),
    },
    async () => {
      const { NamespaceRunner } = await import("./namespace-runner.ts");
      return new NamespaceRunner(uidRange, warm);
    },
  );
}

function enforcement(): Enforcement {
  return {
    ...ENFORCEMENT,
    memoryBytes: findMemoryLayout() === undefined ? "supervisor" : "kernel",
    networkAllow: hasForwarder() ? "supervisor" : "none",
  };
}
