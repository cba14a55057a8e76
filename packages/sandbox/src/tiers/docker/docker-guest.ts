import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxLimits } from "../../policy/limits.ts";
import { endUser } from "../../process/end-user.ts";
import { endUserAtOnce, isOnThisHost } from "../../process/end-user-at-once.ts";
import type { GuestExit, GuestProcess, GuestRemains } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import type { AttachedStreams } from "./attached-streams.ts";
import type { ContainerEvents } from "./container-events.ts";
import { removeContainer } from "./container-lease.ts";
import { type EngineClient, field, type PendingAnswer } from "./engine-client.ts";
import type { PendingRemovals } from "./pending-removals.ts";

/** How an init process words that its child was ended by a signal. */
const SIGNAL_BASE = 128;
/** How much later than the end of a process the engine may tell of its reason. */
const EVENT_DELAY_MS = 150;

/** A container that has been attached to and is about to be started, or has been. */
export interface Container {
  readonly id: string;
  readonly streams: AttachedStreams;
  /** Answered when it has ended. */
  readonly waiting: PendingAnswer;
  /** The guest, when it is not the container's first process. */
  readonly added?: AddedProcess;
}

/** A process that was added to a container. */
export interface AddedProcess {
  readonly exitCode: Promise<number>;
  /** Called when memory has run out. */
  outOfMemory: () => void;
}

/** What a {@link DockerGuest} is made of. */
export interface DockerGuestOptions {
  readonly engine: EngineClient;
  readonly events: ContainerEvents;
  readonly container: Container;
  readonly limits: SandboxLimits;
  /** Whose processes are the guest's and nobody else's, also as this host sees them. Default not known. */
  readonly uid?: number | undefined;
  /** Called when nothing of the container is left. */
  readonly giveBack: () => Promise<void>;
  /** Where what is left to do is kept. */
  readonly removals: PendingRemovals;
}

/** A guest in a container of its own. */
export class DockerGuest implements GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<GuestExit>;
  readonly #engine: EngineClient;
  readonly #events: ContainerEvents;
  readonly #container: Container;
  readonly #limits: SandboxLimits;
  readonly #uid: number | undefined;
  readonly #giveBack: () => Promise<void>;
  readonly #removals: PendingRemovals;
  readonly #started = performance.now();
  #isKilled = false;
  #isOutOfMemory = false;
  #oomKills = 0;
  #firstPid = 0;

  constructor({ engine, events, container, limits, uid, giveBack, removals }: DockerGuestOptions) {
    this.#removals = removals;
    this.#engine = engine;
    this.#events = events;
    this.#container = container;
    this.#limits = limits;
    this.#uid = uid;
    this.#giveBack = giveBack;
    const { streams } = container;
    this.stdin = streams.stdin;
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    const outOfMemory = (): void => {
      this.#isOutOfMemory = true;
      this.kill();
    };
    const { added } = container;
    // Should the engine not tell, then how the container has ended still does.
    if (added === undefined) events.watch(container.id, { outOfMemory }).catch(() => undefined);
    else added.outOfMemory = outOfMemory;
    this.exited = this.#watch();
    // Whoever asks gets it; nobody is forced to ask.
    this.exited.catch(() => undefined);
  }

  /** Ends the first process, and with it all others: they are in one process namespace. */
  kill(): void {
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.#container.streams.drop();
    const path = `/containers/${this.#container.id}/kill?signal=KILL`;
    // 404 and 409: it has ended. When the engine does not answer, settling finds out.
    this.#engine.call({ method: "POST", path, expected: [204, 404, 409] }).catch(() => undefined);
  }

  async settle(): Promise<GuestRemains> {
    const { id, streams, waiting } = this.#container;
    this.#events.release(id);
    waiting.cancel();
    streams.drop();
    const remove = async (): Promise<void> => {
      await removeContainer(this.#engine, id);
      await this.#giveBack();
    };
    // An engine takes its time to clear a container away. When it is certain that nothing of the run is left, what is left
    // is the engine's affair.
    const hasEnded = await this.#hasEndedAtOnce();
    try {
      if (hasEnded) this.#removals.begin(remove);
      else await removeContainer(this.#engine, id);
    } catch {
      // The container stays until the engine answers again, or, should this host end before, until its lease runs out.
      this.#removals.failed(remove);
      return { survivors: this.#uid === undefined ? 1 : await endUser(this.#uid) };
    } finally {
      streams.destroy();
    }
    if (!hasEnded) await this.#giveBack();
    return { survivors: 0, ...(this.#oomKills === 0 ? {} : { oomKills: this.#oomKills }) };
  }

  /** Only of a container that was kept: whoever keeps such is to close the tier, and waits for the engine then. */
  async #hasEndedAtOnce(): Promise<boolean> {
    if (this.#container.added === undefined || this.#uid === undefined) return false;
    return isOnThisHost(this.#container.id, this.#firstPid) && endUserAtOnce(this.#uid);
  }

  async #watch(): Promise<GuestExit> {
    const { id, streams, waiting, added } = this.#container;
    const ended = waiting.answer.then(({ body }) => Number(field(body, "StatusCode")));
    const exitCode = await (added === undefined ? ended : Promise.race([added.exitCode, ended]));
    const inspected = await this.#engine.call({ method: "GET", path: `/containers/${id}/json` });
    const state = field(inspected.body, "State");
    this.#firstPid = Number(field(state, "Pid"));
    if (streams.failure !== undefined) throw streams.failure;
    const hasEnded = added !== undefined || field(state, "Status") === "exited";
    if (!Number.isInteger(exitCode) || !hasEnded)
      throw new SandboxError("SANDBOX_ENGINE_FAILED", "the engine does not say how the container ended");
    // Of a process that was added, only an event tells that memory had run out, and it may come after its end.
    const mayBeOutOfMemory = added !== undefined && exitCode === SIGNAL_BASE + constants.signals.SIGKILL;
    if (mayBeOutOfMemory && !this.#isOutOfMemory) await sleep(EVENT_DELAY_MS);
    if (field(state, "OOMKilled") === true || this.#isOutOfMemory) {
      this.#oomKills = 1;
      if (this.#isOutOfMemory || exitCode === SIGNAL_BASE + constants.signals.SIGKILL)
        return { exitCode: null, signal: "SIGKILL", exceeded: "memory" };
    }
    if (exitCode === SIGNAL_BASE + constants.signals.SIGXCPU && this.#mayHaveUsedUpItsTime())
      return { exitCode: null, signal: "SIGXCPU", exceeded: "cpu" };
    return { exitCode, signal: null };
  }

  /** On any number of processors, so much processor time takes at least so much time. */
  #mayHaveUsedUpItsTime(): boolean {
    return performance.now() - this.#started > this.#limits.cpuSeconds * 10;
  }
}
