import type { SandboxLimits } from "../../policy/limits.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import { seccompFilter } from "../namespace/seccomp-filter.ts";
import { probeTier } from "../probe-tier.ts";
import type { Enforcement, GuestCommand, Isolation, Tier, TierName, TierReport, Workspace } from "../tier.ts";
import { AgentClient } from "./agent-client.ts";
import { TO_GUEST } from "./agent-frames.ts";
import { commandFrames } from "./command-frames.ts";
import type { Machine } from "./machine.ts";
import { MicrovmGuest } from "./microvm-guest.ts";
import { MicrovmWorkspace } from "./microvm-workspace.ts";

/** What makes machines. */
export interface Hypervisor {
  readonly name: TierName;
  readonly bootTimeoutMs: number;
  /** What is missing here. */
  problems(): readonly string[];
  readonly advice: readonly string[];
  /** @throws SandboxError `SANDBOX_TIER_UNAVAILABLE`, `SANDBOX_MACHINE_FAILED`, `SANDBOX_CAPACITY` */
  boot(limits: SandboxLimits, signal?: AbortSignal): Promise<Machine>;
}

/** How long a guest that was told to end may take; then its machine ends. */
const KILL_PATIENCE_MS = 3_000;
/** A machine that is slow to begin may be one that never does: the next one mostly does. */
const BOOTS = 2;

const ENFORCEMENT: Enforcement = Object.freeze({
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
});

/** Runs commands in machines of a hypervisor: each run, or each session, in one of its own. */
export class MicrovmTier implements Tier {
  readonly name: TierName;
  readonly isolation: Isolation = Object.freeze({
    sharesKernel: false,
    seesHostProcesses: false,
    seesHostFiles: false,
    reachesNetwork: false,
  });
  readonly #hypervisor: Hypervisor;

  constructor(hypervisor: Hypervisor) {
    this.name = hypervisor.name;
    this.#hypervisor = hypervisor;
  }

  enforcement(): Enforcement {
    return ENFORCEMENT;
  }

  sessionEnforcement(): Enforcement {
    return ENFORCEMENT;
  }

  async probe(): Promise<TierReport> {
    const problems = this.#hypervisor.problems();
    const report = await probeTier(this, problems, []);
    return { ...report, advice: report.available ? [] : this.#hypervisor.advice };
  }

  async createWorkspace(limits: SandboxLimits): Promise<Workspace> {
    return this.#open(limits);
  }

  async start(command: GuestCommand, workspace?: Workspace): Promise<GuestProcess> {
    const filter = seccompFilter();
    if (filter === undefined)
      throw new SandboxError(
        "SANDBOX_TIER_UNAVAILABLE",
        `there is no system call filter for ${process.arch}`,
      );
    const shared = MicrovmWorkspace.of(workspace);
    const place = shared ?? (await this.#open(command.limits, command.signal));
    const { client, machine } = place;
    const guest = new MicrovmGuest(
      client,
      command.limits,
      shared === undefined ? endMachine(machine) : endRun(place),
    );
    try {
      for (const [path, content] of command.files) await client.writeFile(path, content);
      await client.start(commandFrames(command, filter), guest);
      return guest;
    } catch (error) {
      if (shared === undefined) await place.close();
      throw error;
    }
  }

  async #open(limits: SandboxLimits, signal?: AbortSignal): Promise<MicrovmWorkspace> {
    for (let boots = 1; ; boots += 1) {
      const machine = await this.#hypervisor.boot(limits, signal);
      const client = new AgentClient(machine);
      try {
        await client.ready(this.#hypervisor.bootTimeoutMs, signal);
        await client.hello();
        await client.setup(limits);
        return new MicrovmWorkspace(machine, client);
      } catch (error) {
        machine.kill();
        await machine.remove();
        if (boots === BOOTS || signal?.aborted === true) throw error;
      }
    }
  }
}

/** Nothing of a machine is left when its process has ended. */
function endMachine(machine: Machine): ConstructorParameters<typeof MicrovmGuest>[2] {
  return {
    kill: () => machine.kill(),
    settle: async () => {
      machine.kill();
      return machine.remove();
    },
  };
}

/** The machine goes on, unless it does not manage to end the run. */
function endRun({ client, machine }: MicrovmWorkspace): ConstructorParameters<typeof MicrovmGuest>[2] {
  let overdue: NodeJS.Timeout | undefined;
  return {
    kill: () => {
      client.tell(TO_GUEST.kill);
      overdue = setTimeout(() => machine.kill(), KILL_PATIENCE_MS);
    },
    settle: async ({ hasEnded, survivors }) => {
      clearTimeout(overdue);
      if (!hasEnded || survivors > 0) machine.kill();
      return survivors;
    },
  };
}
