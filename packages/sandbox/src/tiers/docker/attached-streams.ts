import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { SandboxError } from "../../sandbox-error.ts";
import { OutputFrames } from "./output-frames.ts";

/** The three streams of a process in a container, over one connection. */
export class AttachedStreams {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the engine has sent everything. */
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #frames = new OutputFrames();
  #failure: SandboxError | undefined;

  constructor(socket: Socket, head: Uint8Array) {
    this.#socket = socket;
    this.stdout = this.#frames.stdout;
    this.stderr = this.#frames.stderr;
    this.ended = new Promise((resolve) => {
      socket.once("close", () => {
        this.#frames.end();
        resolve();
      });
    });
    // A connection that breaks has ended; the engine says why when it is asked how the run went.
    socket.on("error", () => undefined);
    socket.on("end", () => socket.destroySoon());
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    if (head.length > 0) this.#take(head);
  }

  /** Ending it ends the guest's input, and leaves the output open. */
  get stdin(): Writable {
    return this.#socket;
  }

  /** Something came that the engine would not send. */
  get failure(): SandboxError | undefined {
    return this.#failure;
  }

  /**
   * From now on output is read and thrown away when nobody takes it: the engine cannot end a container whose output
   * stands still.
   */
  drop(): void {
    this.#frames.isDropping = true;
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    try {
      if (this.#frames.push(chunk)) return;
    } catch (cause) {
      this.#failure = new SandboxError("SANDBOX_ENGINE_FAILED", "the engine sent what is no output", {
        cause,
      });
      this.#socket.destroy();
      return;
    }
    this.#socket.pause();
    this.#frames.caughtUp(() => this.#socket.resume());
  }
}
