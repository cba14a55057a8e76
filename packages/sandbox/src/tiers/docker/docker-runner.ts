import { ownWorkspace, UserWorkspace } from "../../files/user-workspace.ts";
import { GuestNetwork } from "../../network/guest-network.ts";
import { guestEnvironment } from "../../policy/guest-environment.ts";
import type { SandboxLimits } from "../../policy/limits.ts";
import { type GuestUser, UserPool } from "../../process/user-pool.ts";
import type { GuestProcess } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import { MAX_IDLE_MS, WarmPool } from "../../warm/warm-pool.ts";
import { probeTier } from "../probe-tier.ts";
import type { GuestCommand, TierReport, Workspace } from "../tier.ts";
import type { WarmTierRunner } from "../tier-on-demand.ts";
import { addProcess } from "./add-process.ts";
import { ContainerEvents } from "./container-events.ts";
import { leaseLabels, reapContainers } from "./container-lease.ts";
import type { ContainerPlan } from "./container-plan.ts";
import { type Container, DockerGuest } from "./docker-guest.ts";
import type { DockerPlan } from "./docker-tier.ts";
import { EngineClient } from "./engine-client.ts";
import type { EngineRuntime } from "./engine-runtime.ts";
import { ImagePrograms } from "./image-programs.ts";
import { openContainer } from "./open-container.ts";
import { PendingRemovals } from "./pending-removals.ts";
import { WarmContainer } from "./warm-container.ts";

const REAP_EVERY_MS = 60_000;
/** Nobody, so that a guest cannot end what keeps its container. */
const IDLE_UID = 65_534;

/** Runs commands in containers of an engine. */
export class DockerRunner implements WarmTierRunner {
  readonly name: "docker" | "gvisor";
  readonly #runtime: EngineRuntime;
  readonly #imageName: string;
  readonly #cpus: number;
  readonly #engine: EngineClient;
  readonly #events: ContainerEvents;
  readonly #users: UserPool;
  readonly #warm: WarmPool<WarmContainer>;
  readonly #idleCommand: readonly [string, ...string[]];
  #image: Promise<ImagePrograms> | undefined;
  readonly #removals = new PendingRemovals();
  #reapedAt = Number.NEGATIVE_INFINITY;

  constructor(plan: DockerPlan, runtime: EngineRuntime) {
    const { image, socketPath, cpus, warm, idleCommand, engineTimeoutMs, uidRange } = plan;
    this.name = runtime.name;
    this.#runtime = runtime;
    this.#imageName = image;
    this.#cpus = cpus;
    this.#engine = new EngineClient(socketPath, engineTimeoutMs);
    this.#events = new ContainerEvents(this.#engine);
    this.#users = new UserPool(uidRange, false);
    this.#idleCommand = idleCommand;
    this.#warm = new WarmPool(warm, async (limits) => this.#prepare(limits));
  }

  async close(): Promise<void> {
    await this.#warm.close();
    await this.#removals.settled();
  }

  async probe(): Promise<TierReport> {
    const report = await probeTier(this, [], []);
    if (!report.available) return { ...report, advice: ADVICE[this.name] };
    const { networkProblem, hints } = this.#runtime;
    const problem = await networkProblem?.(this.#engine);
    if (problem === undefined) return { ...report, advice: hints };
    return { ...report, available: false, problems: [problem], advice: ADVICE[this.name] };
  }

  async createWorkspace(limits: SandboxLimits): Promise<Workspace> {
    return UserWorkspace.create(this.#users, limits);
  }

  async start(command: GuestCommand, workspace?: Workspace): Promise<GuestProcess> {
    const image = await this.#findImage();
    if (command.network !== undefined) await this.#checkNetwork();
    await this.#reapNowAndThen();
    const shared = UserWorkspace.of(workspace);
    // The way to a network is made with a container, not added to one.
    const isPlain = shared === undefined && command.network === undefined;
    const warm = isPlain ? this.#warm.take(command.limits) : undefined;
    try {
      return await (warm === undefined
        ? this.#startCold(image, command, shared)
        : this.#startWarm(image, command, warm));
    } finally {
      // Not before this run has begun, which would wait for the engine.
      if (isPlain) this.#warm.refill(command.limits);
    }
  }

  async #checkNetwork(): Promise<void> {
    const problem = await this.#runtime.networkProblem?.(this.#engine);
    if (problem !== undefined) throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", problem);
  }

  async #startCold(
    image: ImagePrograms,
    command: GuestCommand,
    shared: UserWorkspace | undefined,
  ): Promise<GuestProcess> {
    const { files, limits, network } = command;
    const own = shared === undefined ? await ownWorkspace(this.#users, files, limits) : undefined;
    const user = own?.user ?? shared?.user ?? (await this.#users.take());
    let way: GuestNetwork | undefined;
    const giveBack = async (): Promise<void> => {
      await way?.close();
      if (own !== undefined) await own.close();
      else if (shared === undefined) this.#users.giveBack(user);
    };
    try {
      way = network === undefined ? undefined : await GuestNetwork.open(network, user.uid);
      const container = await openContainer(this.#engine, way?.around(command) ?? command, {
        ...this.#plan(image, limits),
        ...(way === undefined ? {} : { runtime: this.#runtime.networkRuntime }),
        uid: user.uid,
        workspace: (own ?? shared)?.path,
        network: way?.folder,
        check: async (id) => image.check(id, command, (own ?? shared) !== undefined),
      });
      return this.#guest(container, limits, user, giveBack);
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  async #startWarm(image: ImagePrograms, command: GuestCommand, warm: WarmContainer): Promise<GuestProcess> {
    try {
      for (const [path, content] of command.files) await warm.workspace.writeFile(path, content);
      await image.check(warm.container.id, command, command.files.size > 0);
      const container = await addProcess(this.#engine, this.#events, warm, command);
      return this.#guest(container, command.limits, warm.workspace.user, async () => warm.giveBack());
    } catch (error) {
      await warm.discard();
      throw error;
    }
  }

  /** A container that does nothing, for a run that is yet to come. */
  async #prepare(limits: SandboxLimits): Promise<WarmContainer> {
    const image = await this.#findImage();
    const workspace = await UserWorkspace.create(this.#users, limits);
    const command = { argv: this.#idleCommand, env: guestEnvironment(), limits, files: new Map() } as const;
    try {
      const container = await openContainer(this.#engine, command, {
        ...this.#plan(image, limits),
        uid: workspace.user.uid,
        firstUid: IDLE_UID,
        workspace: workspace.path,
        check: async (id) => image.check(id, command, false),
      });
      return new WarmContainer(this.#engine, container, workspace);
    } catch (error) {
      await workspace.close();
      throw error;
    }
  }

  #plan(
    image: ImagePrograms,
    limits: SandboxLimits,
  ): Pick<ContainerPlan, "image" | "runtime" | "overhead" | "cpus" | "labels"> {
    const { runtime, overhead } = this.#runtime;
    const idleMs = this.#warm.size === 0 ? 0 : MAX_IDLE_MS;
    const labels = leaseLabels(limits.wallMs + idleMs, Date.now());
    return { image: image.id, runtime, overhead, cpus: this.#cpus, labels };
  }

  #guest(
    container: Container,
    limits: SandboxLimits,
    user: GuestUser,
    giveBack: () => Promise<void>,
  ): GuestProcess {
    return new DockerGuest({
      engine: this.#engine,
      events: this.#events,
      container,
      limits,
      uid: user.isOwn && this.#runtime.sharesKernel ? user.uid : undefined,
      giveBack,
      removals: this.#removals,
    });
  }

  async #findImage(): Promise<ImagePrograms> {
    this.#image ??= ImagePrograms.of(this.#engine, this.#imageName);
    return this.#image.catch((error: unknown) => {
      // The next run asks again: somebody may have brought it, or the engine may be back.
      this.#image = undefined;
      throw error;
    });
  }

  async #reapNowAndThen(): Promise<void> {
    await this.#removals.retry();
    if (performance.now() - this.#reapedAt < REAP_EVERY_MS) return;
    this.#reapedAt = performance.now();
    await reapContainers(this.#engine, Date.now());
  }
}

const ADVICE: Readonly<Record<"docker" | "gvisor", readonly string[]>> = {
  docker: ["install docker.io, start its daemon, and import or build the image"],
  gvisor: [
    "install docker.io and runsc, name runsc among the daemon's runtimes, and import or build the image",
  ],
};
