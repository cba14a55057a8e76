import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { type JsonValue, parseJson } from "@symbiont/kit";
import { type EngineClient, field, textField } from "./engine-client.ts";

/** What happens in a container that nobody could see from outside. */
export interface ContainerListener {
  /** The kernel has ended a process because memory had run out, perhaps not the one that matters. */
  readonly outOfMemory: () => void;
  /** The process that was added has ended. */
  readonly execEnded?: (exitCode: number) => void;
}

/** Tells what happens in containers. One connection serves all runs, as long as there are any. */
export class ContainerEvents {
  readonly #engine: EngineClient;
  readonly #listeners = new Map<string, ContainerListener>();
  #stream: Promise<IncomingMessage> | undefined;

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  /**
   * Begins to listen, at the latest when it resolves.
   * @throws SandboxError when the engine does not tell; the listener is registered all the same.
   */
  async watch(containerId: string, listener: ContainerListener): Promise<void> {
    this.#listeners.set(containerId, listener);
    this.#stream ??= this.#open();
    await this.#stream;
  }

  release(containerId: string): void {
    this.#listeners.delete(containerId);
    if (this.#listeners.size > 0) return;
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.then(
      (response) => response.destroy(),
      () => undefined,
    );
  }

  async #open(): Promise<IncomingMessage> {
    const filters = encodeURIComponent(JSON.stringify({ type: ["container"], event: ["oom", "exec_die"] }));
    const response = await this.#engine.stream({ method: "GET", path: `/events?filters=${filters}` });
    const lines = createInterface({ input: response });
    lines.on("line", (line) => this.#take(line));
    // When it breaks, how the container has ended still tells.
    response.on("error", () => undefined);
    lines.on("error", () => undefined);
    return response;
  }

  #take(line: string): void {
    let event: JsonValue;
    try {
      event = parseJson(line, { reservedNames: [], unsafeIntegers: "round" });
    } catch {
      return;
    }
    const actor = field(event, "Actor");
    const listener = this.#listeners.get(textField(actor, "ID"));
    if (field(event, "Action") === "oom") listener?.outOfMemory();
    else listener?.execEnded?.(Number(field(field(actor, "Attributes"), "exitCode")));
  }
}
