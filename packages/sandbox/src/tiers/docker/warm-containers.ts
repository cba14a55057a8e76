import type { UserWorkspace } from "../../files/user-workspace.ts";
import type { SandboxLimits } from "../../policy/limits.ts";
import { removeContainer } from "./container-lease.ts";
import type { Container } from "./docker-guest.ts";
import type { EngineClient } from "./engine-client.ts";

/** How long a container may wait for its run. */
export const MAX_IDLE_MS = 600_000;
/** Limits that hold for a container from its beginning; the others are the supervisor's. */
const FIXED = [
  "cpuSeconds",
  "memoryBytes",
  "processes",
  "openFiles",
  "fileBytes",
  "stackBytes",
  "workspaceBytes",
  "tmpBytes",
] as const satisfies readonly (keyof SandboxLimits)[];

/** A started container in which nothing of anybody's has run. */
export class WarmContainer {
  readonly container: Container;
  readonly workspace: UserWorkspace;
  readonly #engine: EngineClient;
  readonly #since = performance.now();
  #hasEnded = false;

  constructor(engine: EngineClient, container: Container, workspace: UserWorkspace) {
    this.#engine = engine;
    this.container = container;
    this.workspace = workspace;
    const ended = (): void => {
      this.#hasEnded = true;
    };
    container.waiting.answer.then(ended, ended);
  }

  get isUsable(): boolean {
    return !this.#hasEnded && performance.now() - this.#since < MAX_IDLE_MS;
  }

  /** Call it when the container is gone. */
  async giveBack(): Promise<void> {
    this.container.streams.destroy();
    await this.workspace.close();
  }

  /** Removes it. What cannot be removed now is removed when its lease is over. */
  async discard(): Promise<void> {
    this.container.waiting.cancel();
    try {
      await removeContainer(this.#engine, this.container.id);
    } catch {
      return;
    }
    await this.giveBack();
  }
}

/** Containers for runs to come. Each is used once. */
export class WarmContainers {
  readonly size: number;
  readonly #make: (limits: SandboxLimits) => Promise<WarmContainer>;
  #ready: WarmContainer[] = [];
  #key = "";
  #making = new Set<Promise<void>>();
  #isClosed = false;

  constructor(size: number, make: (limits: SandboxLimits) => Promise<WarmContainer>) {
    this.size = size;
    this.#make = make;
  }

  /** Undefined when there is none with these limits. */
  take(limits: SandboxLimits): WarmContainer | undefined {
    if (this.size === 0 || this.#isClosed) return undefined;
    const key = keyOf(limits);
    const unfit = this.#ready.filter(({ isUsable }) => key !== this.#key || !isUsable);
    this.#ready = this.#ready.filter((container) => !unfit.includes(container));
    for (const container of unfit) void container.discard();
    this.#key = key;
    return this.#ready.shift();
  }

  /** Makes more of the kind that was last taken, in the meantime. */
  refill(limits: SandboxLimits): void {
    if (this.#isClosed || keyOf(limits) !== this.#key) return;
    for (let more = this.size - this.#ready.length - this.#making.size; more > 0; more -= 1)
      this.#add(this.#key, limits);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#making);
    await Promise.all(this.#ready.splice(0).map(async (container) => container.discard()));
  }

  #add(key: string, limits: SandboxLimits): void {
    const making = this.#make(limits).then(
      async (container) => {
        if (this.#isClosed || key !== this.#key) return container.discard();
        this.#ready.push(container);
        return undefined;
      },
      // The next run is a cold one, and fails with the reason if there still is any.
      () => undefined,
    );
    this.#making.add(making);
    void making.then(() => this.#making.delete(making));
  }
}

function keyOf(limits: SandboxLimits): string {
  return FIXED.map((name) => limits[name]).join();
}
