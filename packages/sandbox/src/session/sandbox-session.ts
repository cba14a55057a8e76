import type {
  SandboxOutcome,
  SandboxSession as SandboxSessionPort,
  SandboxTier as SandboxTierPort,
} from "@symbiont/kit";
import { type NetworkPolicy, type ResolvedNetwork, resolveNetwork } from "../network/network-policy.ts";
import { onDemand } from "../on-demand.ts";
import { checkArgv } from "../policy/check-argv.ts";
import { guestEnvironment } from "../policy/guest-environment.ts";
import { DEFAULT_LIMITS, resolveLimits, type SandboxLimits } from "../policy/limits.ts";
import { refuseNetwork, refuseUnenforceable } from "../policy/refuse-unenforceable.ts";
import { refuseWeaker } from "../policy/tier-strength.ts";
import { cancelledRun } from "../run/cancelled-run.ts";
import { RunQueue } from "../run/run-queue.ts";
import type { RunResult } from "../run/run-result.ts";
import type { OutputEvent } from "../run/supervise.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { Tier, TierName, Workspace } from "../tiers/tier.ts";

const MAX_WAITING = 1_000;
const supervision = onDemand(async () => import("../run/supervise.ts"));

/** What the runs of a session share. */
export interface SessionOptions {
  readonly tier: Tier;
  /** Refuses a tier that is weaker than this one. Default any. */
  readonly minimumTier?: TierName;
  /** What each run may use; `workspaceBytes` is what all of them together may leave. */
  readonly limits?: Partial<SandboxLimits>;
  /** What each run may reach. Default nothing. */
  readonly network?: NetworkPolicy;
  readonly env?: Readonly<Record<string, string>>;
  readonly allowEnv?: readonly string[];
}

/** One run of a session. */
export interface SessionRunOptions {
  readonly signal?: AbortSignal;
  /** Instead of that of the session. */
  readonly wallMs?: number;
  /** All of it at once, or piece by piece. Default none: the end at once. */
  readonly stdin?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Beside that of the session. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each piece of output as it comes. It must not throw. */
  readonly onOutput?: (event: OutputEvent) => void;
}

/**
 * Runs that share a workspace, one after the other: what one leaves, the next finds, and the host can read. Close it, or
 * its files and its user stay until this process ends.
 */
export class SandboxSession implements SandboxSessionPort {
  readonly #tier: Tier;
  readonly #limits: SandboxLimits;
  readonly #env: Readonly<Record<string, string>>;
  readonly #allowEnv: readonly string[];
  readonly #workspace: Workspace;
  readonly #network: ResolvedNetwork | undefined;
  readonly #queue = new RunQueue(1, MAX_WAITING);
  readonly #closed = new AbortController();

  private constructor(
    tier: Tier,
    limits: SandboxLimits,
    env: Readonly<Record<string, string>>,
    allowEnv: readonly string[],
    workspace: Workspace,
    network: ResolvedNetwork | undefined,
  ) {
    this.#network = network;
    this.#allowEnv = allowEnv;
    this.#tier = tier;
    this.#limits = limits;
    this.#env = env;
    this.#workspace = workspace;
  }

  /** @throws SandboxError `SANDBOX_INVALID_ARGUMENT`, `SANDBOX_UNSUPPORTED_POLICY`, `SANDBOX_TIER_UNAVAILABLE`, `SANDBOX_CAPACITY` */
  static async open(options: SessionOptions): Promise<SandboxSession> {
    const { tier, minimumTier, limits = {}, network, env, allowEnv } = options;
    if (minimumTier !== undefined) refuseWeaker(tier.name, minimumTier);
    const resolved = resolveLimits(limits, DEFAULT_LIMITS);
    // Checked now, so that a mistake shows where it was made.
    guestEnvironment(env, allowEnv);
    refuseUnenforceable(tier.name, limits, tier.sessionEnforcement());
    const reachable = network === undefined ? undefined : resolveNetwork(network);
    if (network !== undefined) refuseNetwork(tier.name, tier.sessionEnforcement());
    const workspace = await tier.createWorkspace(resolved);
    return new SandboxSession(tier, resolved, { ...env }, [...(allowEnv ?? [])], workspace, reachable);
  }

  /** Runs a command in the workspace, when the runs before it have ended. */
  async exec(argv: readonly string[], options: SessionRunOptions = {}): Promise<RunResult> {
    const limits =
      options.wallMs === undefined ? this.#limits : resolveLimits({ wallMs: options.wallMs }, this.#limits);
    const env = guestEnvironment({ ...this.#env, ...options.env }, this.#allowEnv);
    const command = {
      argv: checkArgv(argv),
      env,
      limits,
      files: new Map<string, Uint8Array>(),
      network: this.#network,
    };
    this.#assertOpen();
    const stopped = AbortSignal.any([
      this.#closed.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
    const run = this.#queue.run(async () => {
      if (stopped.aborted) return cancelledRun();
      const { supervise } = await supervision();
      const guest = await this.#tier.start({ ...command, signal: stopped }, this.#workspace);
      return supervise(guest, { limits, stdin: options.stdin, signal: stopped, onOutput: options.onOutput });
    }, stopped);
    return run.catch((error: unknown) => {
      if (stopped.aborted && !SandboxError.is(error)) return cancelledRun();
      throw error;
    });
  }

  /** The same in the words of the port. */
  async run(
    command: readonly string[],
    { signal, timeoutMs }: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
  ): Promise<SandboxOutcome> {
    const { status, exitCode, stdout, stderr } = await this.exec(command, {
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === undefined ? {} : { wallMs: timeoutMs }),
    });
    return {
      kind: status === "signaled" ? "signalled" : status,
      ...(exitCode === null ? {} : { exitCode }),
      stdout: stdout.bytes,
      stderr: stderr.bytes,
    };
  }

  /** @throws SandboxError `SANDBOX_FILE_REFUSED`, `SANDBOX_INVALID_ARGUMENT`, `SANDBOX_CLOSED` */
  async writeFile(path: string, content: Uint8Array): Promise<void> {
    this.#assertOpen();
    await this.#workspace.writeFile(path, content);
  }

  /** At most `limits.fileBytes`. @throws SandboxError as {@link writeFile}. */
  async readFile(path: string): Promise<Uint8Array> {
    this.#assertOpen();
    return this.#workspace.readFile(path, this.#limits.fileBytes);
  }

  /** Ends what runs, and removes the workspace. */
  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    // The place of the last run is free when nothing of it is left.
    await this.#queue.run(async () => this.#workspace.close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #assertOpen(): void {
    if (this.#closed.signal.aborted) throw new SandboxError("SANDBOX_CLOSED", "session is closed");
  }
}

/** A tier as the port of `@symbiont/kit` has it: each session with these options. */
export function sandboxTier(options: SessionOptions): SandboxTierPort {
  return {
    name: options.tier.name,
    async probe() {
      const { available, problems } = await options.tier.probe();
      return available ? { available } : { available: false, reason: problems.join("; ") };
    },
    create: async () => SandboxSession.open(options),
  };
}
