import { availableParallelism } from "node:os";
import { type NetworkPolicy, type ResolvedNetwork, resolveNetwork } from "./network/network-policy.ts";
import { onDemand } from "./on-demand.ts";
import { checkArgv } from "./policy/check-argv.ts";
import { guestEnvironment } from "./policy/guest-environment.ts";
import { guestFiles } from "./policy/guest-files.ts";
import { DEFAULT_LIMITS, resolveLimits, type SandboxLimits } from "./policy/limits.ts";
import { refuseNetwork, refuseUnenforceable } from "./policy/refuse-unenforceable.ts";
import { refuseWeaker } from "./policy/tier-strength.ts";
import { cancelledRun } from "./run/cancelled-run.ts";
import { RunQueue } from "./run/run-queue.ts";
import type { RunResult } from "./run/run-result.ts";
import type { OutputEvent } from "./run/supervise.ts";
import { invalid, SandboxError } from "./sandbox-error.ts";
import type { Enforcement, Tier, TierName } from "./tiers/tier.ts";

const supervision = onDemand(async () => import("./run/supervise.ts"));

/** What runs in a sandbox share. */
export interface SandboxOptions {
  /** Where commands run. Never replaced by another one. */
  readonly tier: Tier;
  /** Refuses a tier that is weaker than this one; nothing else is ever put in its place. Default any. */
  readonly minimumTier?: TierName;
  /** What each run may use. One that the tier cannot enforce is refused; a default that it cannot is reported. */
  readonly limits?: Partial<SandboxLimits>;
  /** What every run may reach. Default nothing: no network at all. */
  readonly network?: NetworkPolicy;
  /** Environment of every run. Nothing of the host's is in it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of variables that are otherwise refused, because they change which code runs. */
  readonly allowEnv?: readonly string[];
  /** Files that every run finds in its workspace. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Runs at once. Default the number of processors. */
  readonly maxConcurrent?: number;
  /** Runs that may wait for their turn. Default 1,000. */
  readonly maxQueued?: number;
}

/** One run. */
export interface RunOptions {
  /**
   * Bytes on standard input; text as UTF-8; or pieces that come while the run lasts, until it ends. Default none: the end
   * at once.
   */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array>;
  /** Beside those of the sandbox. */
  readonly env?: Readonly<Record<string, string>>;
  /** Beside those of the sandbox. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Instead of those of the sandbox. */
  readonly limits?: Partial<SandboxLimits>;
  /** Instead of that of the sandbox. */
  readonly network?: NetworkPolicy;
  /** Ends the run with the status `cancelled`. */
  readonly signal?: AbortSignal;
  /** Called with each piece of output as it comes, those dropped from the result too. What it throws is ignored. */
  readonly onOutput?: (event: OutputEvent) => void;
}

/** Code for an interpreter. */
export interface CodeOptions extends RunOptions {
  /** Program that reads a file of code, for example `python3`. */
  readonly interpreter: string;
  readonly code: string;
  /** Name of the file. Default `main`. */
  readonly fileName?: string;
}

/**
 * Runs commands that are not trusted. Each run is alone: it finds the given files in a fresh workspace, and when its
 * first process ends, all of its processes end and the workspace is gone.
 *
 * Whatever a guest does is a result. Errors are about the sandbox.
 */
export class Sandbox {
  readonly #tier: Tier;
  readonly #limits: SandboxLimits;
  readonly #env: Readonly<Record<string, string>>;
  readonly #allowEnv: readonly string[];
  readonly #files: Readonly<Record<string, string | Uint8Array>>;
  readonly #network: ResolvedNetwork | undefined;
  readonly #queue: RunQueue;
  readonly #closed = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  /** @throws SandboxError `SANDBOX_INVALID_ARGUMENT`, `SANDBOX_UNSUPPORTED_POLICY` */
  constructor(options: SandboxOptions) {
    const { tier, limits = {}, env = {}, allowEnv = [], files = {} } = options;
    const { maxConcurrent = availableParallelism(), maxQueued = 1_000 } = options;
    for (const [name, value] of Object.entries({ maxConcurrent, maxQueued }))
      if (!Number.isSafeInteger(value) || value < (name === "maxQueued" ? 0 : 1))
        invalid(`${name} must be a whole number`);
    if (options.minimumTier !== undefined) refuseWeaker(tier.name, options.minimumTier);
    this.#tier = tier;
    this.#limits = this.#enforceable(limits, DEFAULT_LIMITS);
    this.#network = this.#reachable(options.network);
    this.#allowEnv = [...allowEnv];
    // Checked now, so that a mistake shows where it was made.
    guestEnvironment(env, allowEnv);
    this.#env = { ...env };
    this.#files = Object.fromEntries(guestFiles(files));
    this.#queue = new RunQueue(maxConcurrent, maxQueued);
  }

  /** Who enforces what. */
  get enforcement(): Enforcement {
    return this.#tier.enforcement();
  }

  /**
   * Runs a command. No shell reads it.
   *
   * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`, `SANDBOX_UNSUPPORTED_POLICY`, `SANDBOX_TIER_UNAVAILABLE`,
   * `SANDBOX_SPAWN_FAILED`, `SANDBOX_CAPACITY`, `SANDBOX_CLOSED`, `SANDBOX_PRODUCTION_BLOCKED`
   */
  async exec(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { stdin, env = {}, files = {}, limits = {}, network, signal, onOutput } = options;
    const command = {
      argv: checkArgv(argv),
      env: guestEnvironment({ ...this.#env, ...env }, this.#allowEnv),
      limits: this.#enforceable(limits, this.#limits),
      files: guestFiles({ ...this.#files, ...files }),
      network: network === undefined ? this.#network : this.#reachable(network),
    };
    const input = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
    if (this.#closed.signal.aborted) throw new SandboxError("SANDBOX_CLOSED", "sandbox is closed");
    const stopped = AbortSignal.any([this.#closed.signal, ...(signal === undefined ? [] : [signal])]);
    const run = this.#queue.run(async () => {
      if (stopped.aborted) return cancelledRun();
      const { supervise } = await supervision();
      const guest = await this.#tier.start({ ...command, signal: stopped });
      return supervise(guest, {
        limits: command.limits,
        stdin: input,
        signal: stopped,
        onOutput: onOutput === undefined ? undefined : quietly(onOutput),
      });
    }, stopped);
    const settled = run.catch(() => undefined);
    this.#running.add(settled);
    try {
      return await run;
    } catch (error) {
      // Whoever waits for a turn and is not wanted any more has not run.
      if (stopped.aborted && !SandboxError.is(error)) return cancelledRun();
      throw error;
    } finally {
      this.#running.delete(settled);
    }
  }

  /** Runs code: as a file, never as an argument, so that neither length nor content matters. */
  async run({ interpreter, code, fileName = "main", ...options }: CodeOptions): Promise<RunResult> {
    return this.exec([interpreter, fileName], { ...options, files: { ...options.files, [fileName]: code } });
  }

  /** Ends what runs, and takes nothing any more. Resolves when all of it is gone. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#running);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #reachable(network: NetworkPolicy | undefined): ResolvedNetwork | undefined {
    if (network === undefined) return undefined;
    const resolved = resolveNetwork(network);
    refuseNetwork(this.#tier.name, this.#tier.enforcement());
    return resolved;
  }

  #enforceable(given: Partial<SandboxLimits>, base: SandboxLimits): SandboxLimits {
    const limits = resolveLimits(given, base);
    refuseUnenforceable(this.#tier.name, given, this.#tier.enforcement());
    return limits;
  }
}

function quietly(onOutput: (event: OutputEvent) => void): (event: OutputEvent) => void {
  return (event) => {
    try {
      onOutput(event);
    } catch {
      // A listener must not end the run of somebody else.
    }
  };
}
