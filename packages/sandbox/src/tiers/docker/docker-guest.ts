import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import type { SandboxLimits } from "../../policy/limits.ts";
import type { GuestExit, GuestProcess, GuestRemains } from "../../run/guest-process.ts";
import { SandboxError } from "../../sandbox-error.ts";
import type { AttachedStreams } from "./attached-streams.ts";
import { removeContainer } from "./container-lease.ts";
import { type EngineClient, field, type PendingAnswer } from "./engine-client.ts";
import type { MemoryEvents } from "./memory-events.ts";

/** How an init process words that its child was ended by a signal. */
const SIGNAL_BASE = 128;

/** A container that has been attached to and is about to be started, or has been. */
export interface Container {
  readonly id: string;
  readonly streams: AttachedStreams;
  /** Answered when it has ended. */
  readonly waiting: PendingAnswer;
}

/** What a {@link DockerGuest} is made of. */
export interface DockerGuestOptions {
  readonly engine: EngineClient;
  readonly memory: MemoryEvents;
  readonly container: Container;
  readonly limits: SandboxLimits;
  /** Called when nothing of the container is left. */
  readonly giveBack: () => Promise<void>;
}

/** A guest in a container of its own. */
export class DockerGuest implements GuestProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<GuestExit>;
  readonly #engine: EngineClient;
  readonly #memory: MemoryEvents;
  readonly #container: Container;
  readonly #limits: SandboxLimits;
  readonly #giveBack: () => Promise<void>;
  readonly #started = performance.now();
  #isKilled = false;
  #isOutOfMemory = false;
  #oomKills = 0;

  constructor({ engine, memory, container, limits, giveBack }: DockerGuestOptions) {
    this.#engine = engine;
    this.#memory = memory;
    this.#container = container;
    this.#limits = limits;
    this.#giveBack = giveBack;
    const { streams } = container;
    this.stdin = streams.stdin;
    this.stdout = streams.stdout;
    this.stderr = streams.stderr;
    memory.watch(container.id, () => {
      this.#isOutOfMemory = true;
      this.kill();
    });
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
    this.#memory.release(id);
    waiting.cancel();
    streams.drop();
    try {
      await removeContainer(this.#engine, id);
    } catch {
      // It may run on. Its lease runs out, and whoever comes then removes it.
      return { survivors: 1 };
    } finally {
      streams.destroy();
    }
    await this.#giveBack();
    return { survivors: 0, ...(this.#oomKills === 0 ? {} : { oomKills: this.#oomKills }) };
  }

  async #watch(): Promise<GuestExit> {
    const { id, streams, waiting } = this.#container;
    const { body } = await waiting.answer;
    const exitCode = Number(field(body, "StatusCode"));
    const inspected = await this.#engine.call({ method: "GET", path: `/containers/${id}/json` });
    const state = field(inspected.body, "State");
    if (streams.failure !== undefined) throw streams.failure;
    if (!Number.isInteger(exitCode) || field(state, "Status") !== "exited")
      throw new SandboxError("SANDBOX_ENGINE_FAILED", "the engine does not say how the container ended");
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
