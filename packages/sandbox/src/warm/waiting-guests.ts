import type { SandboxLimits } from "../policy/limits.ts";
import type { GuestProcess } from "../run/guest-process.ts";
import type { GuestCommand } from "../tiers/tier.ts";
import { commandRecords } from "./waiter.ts";
import { WarmPool } from "./warm-pool.ts";

/** A guest whose program waits for its command. */
class WaitingGuest {
  readonly guest: GuestProcess;
  #hasEnded = false;

  constructor(guest: GuestProcess) {
    this.guest = guest;
    const ended = (): void => {
      this.#hasEnded = true;
    };
    guest.exited.then(ended, ended);
    // One that has ended is not written to; one that ends while it is written to ends as its run does.
    guest.stdin.on("error", () => undefined);
  }

  get isUsable(): boolean {
    return !this.#hasEnded && this.guest.stdin.writable;
  }

  /** What cannot be ended keeps its user and folder, as after a run. */
  async discard(): Promise<void> {
    const { guest } = this;
    guest.stdin.destroy();
    guest.stdout.destroy();
    guest.stderr.destroy();
    guest.kill();
    await guest.settle().catch(() => undefined);
  }
}

/** Guests that are started before there is a command for them. */
export class WaitingGuests {
  readonly #pool: WarmPool<WaitingGuest>;

  /**
   * @param size most that wait at once.
   * @param start starts a guest that is the waiting program, with nothing in its workspace.
   */
  constructor(size: number, start: (limits: SandboxLimits) => Promise<GuestProcess>) {
    this.#pool = new WarmPool(size, async (limits) => new WaitingGuest(await start(limits)));
  }

  get size(): number {
    return this.#pool.size;
  }

  /** A guest that is becoming the command; undefined when none waits for one like it. */
  give(command: GuestCommand): GuestProcess | undefined {
    if (this.size === 0) return undefined;
    const records = commandRecords(command);
    const guest = records && this.#pool.take(command.limits)?.guest;
    if (guest === undefined) return undefined;
    guest.begun?.();
    guest.stdin.write(records);
    return guest;
  }

  refill(limits: SandboxLimits): void {
    this.#pool.refill(limits);
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
