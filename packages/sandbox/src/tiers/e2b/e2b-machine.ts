import { guestEnvironment } from "../../policy/guest-environment.ts";
import { isPlainPath } from "../../policy/guest-files.ts";
import { resolveLimits } from "../../policy/limits.ts";
import { supervise } from "../../run/supervise.ts";
import { invalid, SandboxError } from "../../sandbox-error.ts";
import { machineFailed } from "../microvm/machine-failed.ts";
import type { GuestCommand, Workspace } from "../tier.ts";
import { E2bGuest, type RunEnd } from "./e2b-guest.ts";
import { EnvdClient, type EnvdPlace } from "./envd-client.ts";
import { PREPARE, SWEEP } from "./launch-script.ts";

/** What a machine can ask of the control plane. */
export interface MachineControl {
  /** Resolves to whether the machine is gone. */
  kill(): Promise<boolean>;
  /** The machine is there for so long from now on. @throws SandboxError */
  extend(lifeMs: number): Promise<void>;
}

const ROOT = "root";
/** A machine that will end within so long is given more time before it is used. */
const SPARE_MS = 30_000;

/** A machine of the service, for one run or for those of a session, and the files in it. */
export class E2bMachine implements Workspace {
  readonly #control: MachineControl;
  readonly #client: EnvdClient;
  readonly #user: string;
  readonly #timeoutMs: number;
  /** How long it is there after it was last used. */
  readonly #lifeMs: number;
  #endsAt: number;
  #ending: Promise<boolean> | undefined;

  constructor(
    control: MachineControl,
    place: EnvdPlace,
    { user, lifeMs }: { readonly user: string; readonly lifeMs: number },
  ) {
    this.#control = control;
    this.#client = new EnvdClient(place);
    this.#user = user;
    this.#timeoutMs = place.timeoutMs;
    this.#lifeMs = lifeMs;
    this.#endsAt = performance.now() + lifeMs;
  }

  /** @throws SandboxError `SANDBOX_INVALID_ARGUMENT` for a workspace that was made elsewhere. */
  static of(workspace: Workspace | undefined): E2bMachine | undefined {
    if (workspace === undefined || workspace instanceof E2bMachine) return workspace;
    return invalid("workspace must be of this tier");
  }

  /** Makes the workspace, which is the guest's alone. @throws SandboxError `SANDBOX_TIER_UNAVAILABLE`, `SANDBOX_MACHINE_FAILED` */
  async prepare(signal: AbortSignal | undefined): Promise<void> {
    const { exitCode } = await this.#script(PREPARE, ROOT, [this.#user], signal);
    if (exitCode !== 0)
      throw new SandboxError(
        "SANDBOX_TIER_UNAVAILABLE",
        "the template lacks something: it needs the user, /usr/bin/setpriv, /usr/bin/prlimit, mkdir, chmod and chown",
      );
  }

  /**
   * @param end what is done at the end of the run; default that its processes end, and the machine goes on.
   * @throws SandboxError `SANDBOX_SPAWN_FAILED`, `SANDBOX_MACHINE_FAILED`, `SANDBOX_ENGINE_TIMED_OUT`
   */
  async start(command: GuestCommand, end: RunEnd = this.#endOfRun()): Promise<E2bGuest> {
    await this.#lastFor(command.limits.wallMs);
    return E2bGuest.start(this.#client, this.#user, command, { startMs: this.#timeoutMs, end });
  }

  async readFile(path: string, maxBytes: number): Promise<Uint8Array> {
    const inside = placeOf(path);
    await this.#lastFor(this.#timeoutMs);
    if ((await this.#client.isPlainFile(inside, this.#caller)) !== true) throw refused();
    return this.#client.readFile(inside, maxBytes, this.#caller);
  }

  async writeFile(path: string, content: Uint8Array): Promise<void> {
    const inside = placeOf(path);
    await this.#lastFor(this.#timeoutMs);
    if ((await this.#client.isPlainFile(inside, this.#caller)) === false) throw refused();
    await this.#client.writeFile(inside, content, this.#caller);
  }

  /** Into a machine in which nobody has run yet. @throws SandboxError as `writeFile`. */
  async writeFresh(path: string, content: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    const caller = { ...this.#caller, ...(signal === undefined ? {} : { signal }) };
    await this.#client.writeFile(placeOf(path), content, caller);
  }

  /** Ends the machine and everything in it, once. Resolves to whether it is gone. */
  async kill(): Promise<boolean> {
    this.#ending ??= this.#control.kill().finally(() => this.#client.close());
    return this.#ending;
  }

  async close(): Promise<void> {
    if (!(await this.kill()))
      throw new SandboxError("SANDBOX_CLEANUP_FAILED", "the machine could not be ended; its time will", {
        retryable: true,
      });
  }

  get #caller(): { readonly user: string } {
    if (this.#ending !== undefined) throw machineFailed("the machine has been ended");
    return { user: this.#user };
  }

  /** All processes of a guest are one user's, who cannot become another: the machine goes on when none is left. */
  #endOfRun(): RunEnd {
    let ended: Promise<boolean> | undefined;
    // Once: two sweeps at a time would end one another.
    const endAll = async (): Promise<boolean> => {
      ended ??= this.#sweep().then(async (left) => left === 0 || this.kill());
      return ended;
    };
    return { kill: endAll, settle: async () => ((await endAll()) ? 0 : 1) };
  }

  /** Ends what the run has left. @returns how many are still there; also when that cannot be known. */
  async #sweep(): Promise<number> {
    if (this.#ending !== undefined) return 1;
    try {
      const { exitCode, said } = await this.#script(SWEEP, this.#user, [], undefined);
      return exitCode === 0 && /^\d{1,6}$/.test(said) ? Number(said) : 1;
    } catch {
      return 1;
    }
  }

  async #lastFor(runMs: number): Promise<void> {
    if (this.#ending !== undefined) throw machineFailed("the machine has been ended");
    if (this.#endsAt - performance.now() > runMs + SPARE_MS) return;
    const lifeMs = runMs + this.#lifeMs;
    await this.#control.extend(lifeMs);
    this.#endsAt = performance.now() + lifeMs;
  }

  async #script(
    script: string,
    user: string,
    more: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly exitCode: number | null; readonly said: string }> {
    const limits = resolveLimits({ wallMs: this.#timeoutMs, outputBytes: 100, outputHardBytes: 10_000 });
    const argv = ["/bin/sh", "-c", script, "sh", ...more] as const;
    const command = { argv, env: guestEnvironment(), limits, files: new Map() } as const;
    const end: RunEnd = { kill: async () => this.kill(), settle: async () => 0 };
    const given = { startMs: this.#timeoutMs, end, isOwn: true };
    const guest = await E2bGuest.start(this.#client, user, { ...command, ...(signal && { signal }) }, given);
    const { exitCode, stdout } = await supervise(guest, { limits, signal });
    return { exitCode, said: stdout.text().trim() };
  }
}

function placeOf(path: string): string {
  return isPlainPath(path) ? `/workspace/${path}` : invalid("path must be a plain relative one");
}

function refused(): SandboxError {
  return new SandboxError("SANDBOX_FILE_REFUSED", "file of the workspace is missing, or no plain file");
}
