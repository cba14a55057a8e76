import { hasForwarder } from "../../network/has-forwarder.ts";
import type { SandboxLimits } from "../../policy/limits.ts";
import type { Enforcement, TierName, WarmTier } from "../tier.ts";
import { warmTierOnDemand } from "../tier-on-demand.ts";
import type { Machine } from "./machine.ts";

/** What makes machines. */
export interface Hypervisor {
  readonly name: TierName;
  readonly bootTimeoutMs: number;
  /** Most machines that wait for a run. */
  readonly warm: number;
  /** What is missing here. */
  problems(): readonly string[];
  readonly advice: readonly string[];
  /** @throws SandboxError `SANDBOX_TIER_UNAVAILABLE`, `SANDBOX_MACHINE_FAILED`, `SANDBOX_CAPACITY` */
  boot(limits: SandboxLimits, signal?: AbortSignal): Promise<Machine>;
}

const ENFORCEMENT = Object.freeze({
  wallMs: "supervisor",
  idleMs: "supervisor",
  cpuSeconds: "kernel",
  memoryBytes: "kernel",
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
} satisfies Enforcement);

/** Runs commands in machines of a hypervisor: each run, or each session, in one of its own. */
export function microvmTier(name: TierName, load: () => Promise<Hypervisor>): WarmTier {
  return warmTierOnDemand(
    {
      name,
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
      const [{ MicrovmRunner }, hypervisor] = await Promise.all([import("./microvm-runner.ts"), load()]);
      return new MicrovmRunner(hypervisor);
    },
  );
}

function enforcement(): Enforcement {
  return { ...ENFORCEMENT, networkAllow: hasForwarder() ? "supervisor" : "none" };
}
