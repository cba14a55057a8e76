import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type JsonValue, parseJson } from "@symbiont/kit";
import { machineFailed } from "../microvm/machine-failed.ts";

const POLL_MS = 20;
const MAX_BANDWIDTH = 16 * 1024 * 1024 * 1024;

type Fields = Readonly<Record<string, JsonValue>>;

/** Tells QEMU to save a machine. @see https://www.qemu.org/docs/master/interop/qmp-spec.html */
export class QemuMonitor {
  readonly #channel: Duplex;
  readonly #answers: Fields[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  constructor(channel: Duplex) {
    this.#channel = channel;
    const lines = createInterface({ input: channel });
    lines.on("line", (line) => {
      const answer = parseJson(line) as Fields;
      // Greeting and events are not answers.
      if ("return" in answer || "error" in answer) this.#answers.push(answer);
      this.#wake();
    });
    lines.on("error", () => undefined);
    channel.on("error", () => undefined);
    channel.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** @throws SandboxError `SANDBOX_MACHINE_FAILED` */
  async migrate(uri: string, timeoutMs: number): Promise<void> {
    await this.#ask("qmp_capabilities");
    await this.#ask("migrate-set-parameters", { "max-bandwidth": MAX_BANDWIDTH });
    await this.#ask("migrate", { uri });
    for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; await sleep(POLL_MS)) {
      const status = (await this.#ask("query-migrate"))["status"];
      if (status === "completed") return;
      if (status === "failed" || status === "cancelled") break;
    }
    throw machineFailed("the machine could not be saved");
  }

  async #ask(execute: string, given: Fields = {}): Promise<Fields> {
    this.#channel.write(`${JSON.stringify({ execute, arguments: given })}\n`);
    while (this.#answers.length === 0) {
      if (this.#isClosed) throw machineFailed("the machine has ended while it was saved");
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const answer = this.#answers.shift() as Fields;
    if ("error" in answer) throw machineFailed("QEMU refuses to save the machine");
    return answer["return"] as Fields;
  }
}
