import { forwarderProgram } from "../../network/forwarder.ts";
import { GuestNetwork } from "../../network/guest-network.ts";
import type { ResolvedNetwork } from "../../network/network-policy.ts";
import type { SandboxLimits } from "../../policy/limits.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import { WarmPool } from "../../warm/warm-pool.ts";
import { seccompFilter } from "../namespace/seccomp-filter.ts";
import { probeTier } from "../probe-tier.ts";
import type { GuestCommand, TierName, TierReport, Workspace } from "../tier.ts";
import type { WarmTierRunner } from "../tier-on-demand.ts";
import { AgentClient } from "./agent-client.ts";
import { TO_GUEST } from "./agent-frames.ts";
import { commandFrames } from "./command-frames.ts";
import { GuestStreams } from "./guest-streams.ts";
import type { Machine } from "./machine.ts";
import { MicrovmGuest, type RunEnd } from "./microvm-guest.ts";
import type { Hypervisor } from "./microvm-tier.ts";
import { MicrovmWorkspace } from "./microvm-workspace.ts";

/** How long a guest that was told to end may take; then its machine ends. */
const KILL_PATIENCE_MS = 3_000;
/** A machine that is slow to begin may be one that never does: the next one mostly does. */
const BOOTS = 2;
/** What a machine is made of. All else is a command's. */
const MACHINE_LIMITS = ["memoryBytes", "workspaceBytes", "tmpBytes"] as const;

/** Runs commands in machines of a hypervisor: each run, or each session, in one of its own. */
export class MicrovmRunner implements WarmTierRunner {
  readonly name: TierName;
  readonly #hypervisor: Hypervisor;
  readonly #warm: WarmPool<MicrovmWorkspace>;

  constructor(hypervisor: Hypervisor) {
    this.name = hypervisor.name;
    this.#hypervisor = hypervisor;
    this.#warm = new WarmPool(hypervisor.warm, async (limits) => this.#open(limits), MACHINE_LIMITS);
  }

  async close(): Promise<void> {
    await this.#warm.close();
  }

  async probe(): Promise<TierReport> {
    const problems = this.#hypervisor.problems();
    const report = await probeTier(this, problems, []);
    return { ...report, advice: report.available ? [] : this.#hypervisor.advice };
  }

  async createWorkspace(limits: SandboxLimits): Promise<Workspace> {
    return this.#take(limits);
  }

  async start(command: GuestCommand, workspace?: Workspace): Promise<GuestProcess> {
    const filter = seccompFilter();
    if (filter === undefined)
      throw new SandboxError(
        "SANDBOX_TIER_UNAVAILABLE",
        `there is no system call filter for ${process.arch}`,
      );
    const shared = MicrovmWorkspace.of(workspace);
    const place = shared ?? (await this.#take(command.limits, command.signal));
    const { client, machine } = place;
    const end = shared === undefined ? endMachine(machine) : endRun(place);
    let way: GuestNetwork | undefined;
    try {
      way = command.network === undefined ? undefined : await openWay(command.network);
      const streams = way && new GuestStreams(way.socketPath, (type, payload) => client.tell(type, payload));
      const guest = new MicrovmGuest(client, command.limits, endWith(end, way), streams);
      for (const [path, content] of command.files) await client.writeFile(path, content);
      const frames =
        way === undefined
          ? commandFrames(command, filter)
          : commandFrames(way.around(command), filter, forwarderProgram());
      await client.start(frames, guest);
      return guest;
    } catch (error) {
      await way?.close();
      if (shared === undefined) await place.close();
      throw error;
    }
  }

  /** A machine that waits, or one that is made. */
  async #take(limits: SandboxLimits, signal?: AbortSignal): Promise<MicrovmWorkspace> {
    try {
      return this.#warm.take(limits) ?? (await this.#open(limits, signal));
    } finally {
      this.#warm.refill(limits);
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

/** The proxy is asked by this process alone, which carries what the machine says. */
async function openWay(network: ResolvedNetwork): Promise<GuestNetwork> {
  return GuestNetwork.open(network, process.getuid?.() ?? 0);
}

function endWith(end: RunEnd, way: GuestNetwork | undefined): RunEnd {
  return {
    kill: () => end.kill(),
    settle: async (outcome) => {
      await way?.close();
      return end.settle(outcome);
    },
  };
}

/** Nothing of a machine is left when its process has ended. */
function endMachine(machine: Machine): RunEnd {
  return {
    kill: () => machine.kill(),
    settle: async () => {
      machine.kill();
      return machine.remove();
    },
  };
}

/** The machine goes on, unless it does not manage to end the run. */
function endRun({ client, machine }: MicrovmWorkspace): RunEnd {
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
