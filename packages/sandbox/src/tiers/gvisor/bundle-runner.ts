import { chmodSync, chownSync, lstatSync, mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  createHostFolder,
  type HostFolder,
  hostFolderFailed,
  removeAbandoned,
} from "../../files/host-folders.ts";
import { isFolder } from "../../files/is-folder.ts";
import { ownWorkspace, UserWorkspace } from "../../files/user-workspace.ts";
import { GuestNetwork } from "../../network/guest-network.ts";
import type { SandboxLimits } from "../../policy/limits.ts";
import { inGroup } from "../../process/launcher.ts";
import { findTools, installAdvice, requireTools } from "../../process/local-tools.ts";
import { MemoryGroup } from "../../process/memory-group.ts";
import { startProgram } from "../../process/start-program.ts";
import type { UidRange } from "../../process/uid-range.ts";
import { UserPool } from "../../process/user-pool.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import { WAITER_NAME, waiterProgram } from "../../warm/waiter.ts";
import { WaitingGuests } from "../../warm/waiting-guests.ts";
import { programPaths } from "../docker/image-programs.ts";
import { NativeGuest } from "../native/native-guest.ts";
import { probeTier } from "../probe-tier.ts";
import type { GuestCommand, TierReport, Workspace } from "../tier.ts";
import type { WarmTierRunner } from "../tier-on-demand.ts";
import { BUNDLE_NETWORK_FOLDER, type BundlePlan, ociConfig } from "./oci-config.ts";
import { membersOfBundle, runscGuest } from "./runsc-guest.ts";

const TOOLS = ["setpriv", "prlimit", "runsc", "sh"] as const;
const OVERHEAD_BYTES = 64 * 1024 * 1024;
/** Threads and processes of gVisor and of what it runs, all of one user. */
const MAX_HOST_PROCESSES = 2_048;
/** Where guests that wait may have the program for that: in nearly every root, and empty otherwise. */
const WAITER_PLACES = ["/sys", "/run"];

/** What the commands of a {@link bundleTier} are run with. */
export interface BundleRunnerOptions {
  readonly rootfs: string;
  readonly platform: string | undefined;
  readonly uidRange: UidRange;
  readonly warm: number;
}

/** Runs commands with `runsc`, on bundles. */
export class BundleRunner implements WarmTierRunner {
  readonly name = "gvisor";
  readonly #rootfs: string;
  readonly #platform: readonly string[];
  readonly #users: UserPool;
  readonly #waiting: WaitingGuests;

  constructor({ rootfs, platform, uidRange, warm }: BundleRunnerOptions) {
    this.#rootfs = rootfs;
    this.#platform = platform === undefined ? [] : [`--platform=${platform}`];
    this.#users = new UserPool(uidRange, false);
    this.#waiting = new WaitingGuests(warm, async (limits) => this.#wait(limits));
  }

  async close(): Promise<void> {
    await this.#waiting.close();
  }

  async probe(): Promise<TierReport> {
    const { missing } = findTools(TOOLS);
    const problems = missing.map((name) => `${name} is not installed`);
    if (!isFolder(this.#rootfs)) problems.push("rootfs is no folder");
    else if (this.#waiting.size > 0 && this.#waiterPlace() === undefined)
      problems.push(`rootfs has none of ${WAITER_PLACES.join(", ")}, which warm needs`);
    return probeTier(this, problems, installAdvice(missing));
  }

  async createWorkspace(limits: SandboxLimits): Promise<Workspace> {
    return UserWorkspace.create(this.#users, limits);
  }

  async start(command: GuestCommand, workspace?: Workspace): Promise<GuestProcess> {
    const { argv, env, limits, files, network } = command;
    const shared = UserWorkspace.of(workspace);
    this.#checkProgram(argv[0], env["PATH"] ?? "", shared !== undefined || files.size > 0);
    if (shared !== undefined || network !== undefined)
      return this.#startNow(command, shared === undefined ? {} : { shared });
    try {
      return this.#waiting.give(command) ?? (await this.#startNow(command));
    } finally {
      this.#waiting.refill(limits);
    }
  }

  #waiterPlace(): string | undefined {
    return WAITER_PLACES.find((place) => isFolder(join(this.#rootfs, place)));
  }

  /** A guest that waits for its command. */
  async #wait(limits: SandboxLimits): Promise<GuestProcess> {
    const waiterPlace = this.#waiterPlace();
    if (waiterPlace === undefined)
      throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", "rootfs has no place for what warm needs");
    const argv = [`${waiterPlace}/${WAITER_NAME}`] as const;
    return this.#startNow({ argv, env: {}, limits, files: new Map() }, { waiterPlace });
  }

  async #startNow(
    command: GuestCommand,
    { shared, waiterPlace }: { readonly shared?: UserWorkspace; readonly waiterPlace?: string } = {},
  ): Promise<GuestProcess> {
    const { setpriv, prlimit, runsc, sh } = requireTools(TOOLS);
    const { limits, files, network } = command;
    const own = shared === undefined ? await ownWorkspace(this.#users, files, limits) : undefined;
    const user = (shared ?? own)?.user ?? (await this.#users.take());
    let folder: HostFolder | undefined;
    let way: GuestNetwork | undefined;
    let group: MemoryGroup | undefined;
    const cleanUp = async (survivors: number): Promise<void> => {
      if (survivors > 0) return;
      await group?.remove();
      await way?.close();
      if (folder !== undefined) await removeFolder(folder.outer);
      if (own !== undefined) await own.close();
      else if (shared === undefined) this.#users.giveBack(user);
    };
    const nproc = user.isOwn ? [`--nproc=${MAX_HOST_PROCESSES}:${MAX_HOST_PROCESSES}`] : [];
    try {
      way =
        network === undefined ? undefined : await GuestNetwork.open(network, user.uid, BUNDLE_NETWORK_FOLDER);
      const paths = {
        rootfs: this.#rootfs,
        workspace: (shared ?? own)?.path,
        network: way?.folder,
      };
      folder = await this.#bundle(way?.around(command) ?? command, user.uid, paths, waiterPlace);
      const { outer, inner } = folder;
      group = MemoryGroup.create(limits.memoryBytes + OVERHEAD_BYTES);
      const pidFile = join(inner, "started");
      const flags = [
        `--root=${inner}`,
        "--rootless",
        "--network=none",
        "--ignore-cgroups",
        ...this.#platform,
        // Sockets of the host that the guest has been given, and no others, may be connected to.
        ...(way === undefined ? [] : ["--host-uds=open"]),
      ];
      const run = [...flags, "run", `--bundle=${outer}`, `--pid-file=${pidFile}`, basename(outer)];
      const limited = [prlimit, ...nproc, "--core=0:0", "--", runsc, ...run];
      const started = await startProgram({
        ...inGroup(group, sh, setpriv, [...user.arguments, "--", ...limited]),
        env: {},
        cwd: "/",
      });
      const members = membersOfBundle(user, outer);
      const bounds = { ...limits, memoryBytes: limits.memoryBytes + OVERHEAD_BYTES };
      return runscGuest(new NativeGuest(started, bounds, members, group, cleanUp), pidFile);
    } catch (error) {
      await cleanUp(0);
      throw error;
    }
  }

  async #bundle(
    command: GuestCommand,
    uid: number,
    plan: BundlePlan,
    waiterPlace: string | undefined,
  ): Promise<HostFolder> {
    await removeAbandoned(removeFolder);
    const folder = createHostFolder(uid);
    const config = join(folder.outer, "config.json");
    const waiter = join(folder.outer, "waiter");
    const isWaiting = waiterPlace !== undefined;
    // It holds the guest's environment: nobody else's to read.
    const text = JSON.stringify(
      ociConfig(command, isWaiting ? { ...plan, waiter: { folder: waiter, place: waiterPlace } } : plan),
    );
    try {
      if (isWaiting) writeWaiter(waiter);
      writeFileSync(config, text, { mode: 0o400 });
      if (process.getuid?.() === 0) chownSync(config, uid, uid);
      return folder;
    } catch (cause) {
      await removeFolder(folder.outer);
      throw hostFolderFailed(cause);
    }
  }

  /** Before anything is started: afterwards it could not be told from a program that fails. */
  #checkProgram(program: string, searchPath: string, hasFiles: boolean): void {
    const isThere = programPaths(program, searchPath).some((path) =>
      path.startsWith("/workspace/")
        ? hasFiles
        : lstatSync(join(this.#rootfs, path), { throwIfNoEntry: false }) !== undefined,
    );
    if (!isThere) throw new SandboxError("SANDBOX_SPAWN_FAILED", "program does not exist in rootfs");
  }
}

/** For all guests to read: it holds nothing of anybody's. */
function writeWaiter(folder: string): void {
  const file = join(folder, WAITER_NAME);
  mkdirSync(folder);
  writeFileSync(file, waiterProgram());
  chmodSync(file, 0o555);
  chmodSync(folder, 0o755);
}

async function removeFolder(outer: string): Promise<void> {
  await rm(outer, { recursive: true, force: true, maxRetries: 3 });
}
