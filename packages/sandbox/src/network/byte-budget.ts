import type { Socket } from "node:net";
import type { Readable } from "node:stream";

/** Counts what connections to the outside carry, and ends all of them when it is too much. */
export class ByteBudget {
  readonly #most: number;
  readonly #open = new Set<Socket>();
  #closed = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isUsedUp(): boolean {
    let used = this.#closed;
    for (const socket of this.#open) used += carried(socket);
    return used >= this.#most;
  }

  /**
   * Counts a connection, with all it has carried already.
   * @param source what is sent on it; somebody must be reading both.
   */
  add(socket: Socket, source: Readable): void {
    this.#open.add(socket);
    const look = (): void => {
      if (this.isUsedUp) for (const one of this.#open) one.destroy();
    };
    socket.on("data", look);
    source.on("data", look);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#closed += carried(socket);
    });
  }
}

function carried(socket: Socket): number {
  return socket.bytesRead + socket.bytesWritten;
}
