import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { type JsonValue, parseJson } from "@symbiont/kit";
import { type EngineClient, field } from "./engine-client.ts";

/**
 * Tells which containers have run out of memory: the kernel ends one process of them, perhaps not the one that matters.
 * One connection serves all runs, as long as there are any.
 */
export class MemoryEvents {
  readonly #engine: EngineClient;
  readonly #listeners = new Map<string, () => void>();
  #stream: Promise<IncomingMessage | undefined> | undefined;

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  /** @param exceeded called at most once. */
  watch(containerId: string, exceeded: () => void): void {
    this.#listeners.set(containerId, exceeded);
    this.#stream ??= this.#open();
  }

  release(containerId: string): void {
    this.#listeners.delete(containerId);
    if (this.#listeners.size > 0) return;
    const stream = this.#stream;
    this.#stream = undefined;
    void stream?.then((response) => response?.destroy());
  }

  async #open(): Promise<IncomingMessage | undefined> {
    const filters = encodeURIComponent(JSON.stringify({ type: ["container"], event: ["oom"] }));
    try {
      const response = await this.#engine.stream({ method: "GET", path: `/events?filters=${filters}` });
      const lines = createInterface({ input: response });
      lines.on("line", (line) => this.#take(line));
      // When it breaks, how the container has ended still tells.
      response.on("error", () => undefined);
      lines.on("error", () => undefined);
      return response;
    } catch {
      return undefined;
    }
  }

  #take(line: string): void {
    let event: JsonValue;
    try {
      event = parseJson(line, { reservedNames: [], unsafeIntegers: "round" });
    } catch {
      return;
    }
    const id = String(field(field(event, "Actor"), "ID"));
    const exceeded = this.#listeners.get(id);
    this.#listeners.delete(id);
    exceeded?.();
  }
}
