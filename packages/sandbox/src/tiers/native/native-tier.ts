import { canBoundWorkspace } from "../../files/can-bound-workspace.ts";
import { refuseInProduction } from "../../policy/production.ts";
import { findMemoryLayout } from "../../process/memory-layout.ts";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-range.ts";
import { invalid } from "../../sandbox-error.ts";
import type { Enforcement, Tier } from "../tier.ts";
import { tierOnDemand } from "../tier-on-demand.ts";
import { ExecutableList } from "./executable-list.ts";

/** Options of {@link nativeTier}. */
export interface NativeTierOptions {
  /** The statement that a run in this tier is not isolated: it sees the host's files, processes and networks. */
  readonly acknowledgeNoIsolation: true;
  /** Absolute paths of the programs that may be run. Default none. */
  readonly allowedExecutables?: readonly string[];
  /** Users for guests where the host runs as root. Default 200000 to 200999. */
  readonly uidRange?: UidRange;
  /** Called with the programs among those allowed that can run anything else, shells for example. */
  readonly onUnbounded?: (paths: readonly string[]) => void;
}

/**
 * Processes of the host with limits, and the certainty that all of them end. It isolates nothing: use it to run
 * programs that are trusted with data that is not.
 *
 * Differs from Symbiont: the guest gets nothing of the host's environment, and programs are known by their real paths.
 *
 * @throws SandboxError `SANDBOX_PRODUCTION_BLOCKED` where SYMBIONT_ENV or NODE_ENV says production, or something
 * unknown; `SANDBOX_INVALID_ARGUMENT`.
 */
export function nativeTier(options: NativeTierOptions): Tier {
  refuseInProduction();
  if (options.acknowledgeNoIsolation !== true) invalid("acknowledgeNoIsolation must be true");
  const programs = new ExecutableList(options.allowedExecutables ?? []);
  if (programs.unbounded.length > 0) options.onUnbounded?.(programs.unbounded);
  const { uidRange = DEFAULT_UID_RANGE } = options;
  return tierOnDemand(
    {
      name: "native",
      isolation: Object.freeze({
        sharesKernel: true,
        seesHostProcesses: true,
        seesHostFiles: true,
        reachesNetwork: true,
      }),
      enforcement,
      sessionEnforcement: () => ({
        ...enforcement(),
        workspaceBytes: canBoundWorkspace() ? "kernel" : "none",
      }),
    },
    async () => {
      const { NativeRunner } = await import("./native-runner.ts");
      return new NativeRunner(programs, uidRange);
    },
  );
}

function enforcement(): Enforcement {
  return {
    wallMs: "supervisor",
    idleMs: "supervisor",
    cpuSeconds: "kernel",
    memoryBytes: findMemoryLayout() === undefined ? "supervisor" : "kernel",
    // Counted for each user: of the host's own user there may be any number already.
    processes: process.getuid?.() === 0 ? "kernel" : "none",
    openFiles: "kernel",
    fileBytes: "kernel",
    stackBytes: "kernel",
    workspaceBytes: "none",
    tmpBytes: "none",
    outputBytes: "supervisor",
    outputHardBytes: "supervisor",
    network: "none",
    filesystem: "none",
    syscalls: "none",
  };
}
