import type { UserWorkspace } from "../../files/user-workspace.ts";
import type { WarmOne } from "../../warm/warm-pool.ts";
import { removeContainer } from "./container-lease.ts";
import type { Container } from "./docker-guest.ts";
import type { EngineClient } from "./engine-client.ts";

/** A started container in which nothing of anybody's has run. */
export class WarmContainer implements WarmOne {
  readonly container: Container;
  readonly workspace: UserWorkspace;
  readonly #engine: EngineClient;
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
    return !this.#hasEnded;
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
