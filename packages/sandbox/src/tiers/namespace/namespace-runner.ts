import { posix } from "node:path";
import { encodeUtf8 } from "@symbiont/kit";
import { UserWorkspace } from "../../files/user-workspace.ts";
import { forwarderProgram } from "../../network/forwarder.ts";
import { GuestNetwork } from "../../network/guest-network.ts";
import type { SandboxLimits } from "../../policy/limits.ts";
import { inGroup } from "../../process/launcher.ts";
import { findTools, installAdvice, requireTools } from "../../process/local-tools.ts";
import { MemoryGroup } from "../../process/memory-group.ts";
import { rlimitArguments } from "../../process/rlimits.ts";
import { startProgram } from "../../process/start-program.ts";
import type { UidRange } from "../../process/uid-range.ts";
import { UserPool } from "../../process/user-pool.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import { WAITER_NAME, waiterProgram } from "../../warm/waiter.ts";
import { WaitingGuests } from "../../warm/waiting-guests.ts";
import { probeTier } from "../probe-tier.ts";
import type { GuestCommand, TierReport, Workspace } from "../tier.ts";
import type { WarmTierRunner } from "../tier-on-demand.ts";
import { bwrapArguments } from "./bwrap-arguments.ts";
import { checkProgram } from "./guest-paths.ts";
import { NamespaceGuest } from "./namespace-guest.ts";
import { seccompFilter } from "./seccomp-filter.ts";

const TOOLS = ["setpriv", "prlimit", "bwrap", "sh"] as const;
/** The first descriptor that a program is given beside its three streams. */
const FIRST_DESCRIPTOR = 3;
/** bubblewrap's own process inside counts too. */
const OWN_PROCESSES = 1;
/** Beside the folder of its socket, which may be on a file system that nothing is run from. */
const FORWARDER = "/run/forward";
/** Where nobody looks for files of a program's own. */
const WAITER = `/dev/${WAITER_NAME}`;

/** A file of the guest's: its absolute path, what is in it, and its mode, default 0644. */
type GivenBytes = readonly [path: string, bytes: Uint8Array, mode?: string];

/** Runs commands behind bubblewrap. */
export class NamespaceRunner implements WarmTierRunner {
  readonly name = "namespace";
  readonly #users: UserPool;
  readonly #waiting: WaitingGuests;

  constructor(uidRange: UidRange, warm: number) {
    // Inside its namespace, a user begins with none.
    this.#users = new UserPool(uidRange, false);
    this.#waiting = new WaitingGuests(warm, async (limits) => this.#wait(limits));
  }

  async close(): Promise<void> {
    await this.#waiting.close();
  }

  async probe(): Promise<TierReport> {
    const { missing } = findTools(TOOLS);
    const problems = missing.map((name) => `${name} is not installed`);
    if (seccompFilter() === undefined) problems.push(`no system call filter for ${process.arch}`);
    return probeTier(this, problems, installAdvice(missing));
  }

  async createWorkspace(limits: SandboxLimits): Promise<Workspace> {
    return UserWorkspace.create(this.#users, limits);
  }

  async start(command: GuestCommand, workspace?: Workspace): Promise<GuestProcess> {
    const shared = UserWorkspace.of(workspace);
    const { argv, env, limits, files, network } = command;
    checkProgram(argv[0], env["PATH"] ?? "", files, shared !== undefined);
    if (shared !== undefined || network !== undefined) return this.#startNow(command, shared);
    try {
      return this.#waiting.give(command) ?? (await this.#startNow(command));
    } finally {
      this.#waiting.refill(limits);
    }
  }

  /** A guest that waits for its command. */
  async #wait(limits: SandboxLimits): Promise<GuestProcess> {
    const program = [[WAITER, waiterProgram(), "0555"]] as const;
    return this.#startNow({ argv: [WAITER], env: {}, limits, files: new Map() }, undefined, program);
  }

  async #startNow(
    { argv, env, limits, files, network }: GuestCommand,
    shared?: UserWorkspace,
    programs: readonly GivenBytes[] = [],
  ): Promise<GuestProcess> {
    const { setpriv, prlimit, bwrap, sh } = requireTools(TOOLS);
    const filter = seccompFilter();
    if (filter === undefined)
      throw new SandboxError(
        "SANDBOX_TIER_UNAVAILABLE",
        `there is no system call filter for ${process.arch}`,
      );
    const user = shared?.user ?? (await this.#users.take());
    let way: GuestNetwork | undefined;
    let group: MemoryGroup | undefined;
    const giveBack = async (): Promise<void> => {
      await group?.remove();
      await way?.close();
      if (shared === undefined) this.#users.giveBack(user);
    };
    const given: GivenBytes[] = [
      ...programs,
      ["/etc/passwd", encodeUtf8(`sandbox:x:${user.uid}:${user.uid}::/workspace:/bin/sh\n`)],
      ["/etc/group", encodeUtf8(`sandbox:x:${user.uid}:\n`)],
      ...[...files].map(([path, bytes]): GivenBytes => [posix.join("/workspace", path), bytes]),
    ];
    // Set inside, where a user's processes are counted apart from those outside.
    const processes = limits.processes + OWN_PROCESSES + (network === undefined ? 0 : 1);
    const limited = [prlimit, ...rlimitArguments({ ...limits, processes }), "--", ...argv];
    try {
      if (network !== undefined) {
        way = await GuestNetwork.open(network, user.uid);
        given.push([FORWARDER, forwarderProgram(), "0555"]);
      }
      const inside = bwrapArguments({
        limits,
        workspace: shared?.path,
        network: way?.folder,
        statusDescriptor: FIRST_DESCRIPTOR,
        seccompDescriptor: FIRST_DESCRIPTOR + 1,
        files: given.map(([path, , mode], index) => ({
          path,
          mode,
          descriptor: FIRST_DESCRIPTOR + 2 + index,
        })),
      });
      group = MemoryGroup.create(limits.memoryBytes);
      const inner = way === undefined ? limited : way.command(limited, FORWARDER);
      const args = [...user.arguments, "--", bwrap, ...inside, ...inner];
      const program = await startProgram({
        ...inGroup(group, sh, setpriv, args),
        env: { ...env, ...way?.env },
        cwd: "/",
        extra: ["report", filter, ...given.map(([, bytes]) => bytes)],
      });
      return new NamespaceGuest(program, limits, user.uid, group, giveBack);
    } catch (error) {
      await giveBack();
      throw error;
    }
  }
}
