import type { ResolvedNetwork } from "../network/network-policy.ts";
import type { SandboxLimits } from "../policy/limits.ts";
import type { GuestProcess } from "../run/guest-process.ts";
import type { Enforcer } from "../run/run-result.ts";

/** Name of a tier. */
export type TierName = "native" | "namespace" | "docker" | "gvisor" | "qemu" | "firecracker" | "e2b";

/** Everything that a tier may or may not see to. */
export type Knob = keyof SandboxLimits | "network" | "filesystem" | "syscalls";

/**
 * Who sees to each of them. `networkAllow` is the list of hosts that a guest may reach; a tier that does not name it
 * cannot hold to one, and is not given one.
 */
export type Enforcement = Readonly<Record<Knob, Enforcer> & { networkAllow?: Enforcer }>;

/** What a tier shares with the host: each of these is a way out that the tier does not close. */
export interface Isolation {
  /** A hole in the kernel is a hole in the sandbox. */
  readonly sharesKernel: boolean;
  readonly seesHostProcesses: boolean;
  readonly seesHostFiles: boolean;
  readonly reachesNetwork: boolean;
  /** Whether code, files and output are handed to somebody else's machine. Default no. */
  readonly isHosted?: boolean;
}

/** Whether a tier works here, found by running something in it. */
export interface TierReport {
  readonly tier: TierName;
  readonly available: boolean;
  /** What is missing or in the way. */
  readonly problems: readonly string[];
  /** What to do about it. */
  readonly advice: readonly string[];
}

/** A command for a tier, checked. */
export interface GuestCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly limits: SandboxLimits;
  /** Files for the workspace, by relative path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What it may reach. Default nothing. */
  readonly network?: ResolvedNetwork | undefined;
  /** Ends a start that takes long: then it rejects with the reason. A tier that starts at once need not look. */
  readonly signal?: AbortSignal;
}

/** A place for files that several runs share, one after the other. */
export interface Workspace {
  /**
   * Reads a plain file of at most so many bytes, by a plain relative path. The guest may change anything in the
   * workspace at any moment.
   * @throws SandboxError `SANDBOX_FILE_REFUSED`, `SANDBOX_INVALID_ARGUMENT`
   */
  readFile(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Writes a plain file; folders on the way are made. @throws SandboxError as `readFile`. */
  writeFile(path: string, content: Uint8Array): Promise<void>;
  /** Call it when no run is left. */
  close(): Promise<void>;
}

/** A way to run commands of others. */
export interface Tier {
  readonly name: TierName;
  readonly isolation: Isolation;
  /** Who enforces what on this host. */
  enforcement(): Enforcement;
  /** The same for runs that share a workspace. */
  sessionEnforcement(): Enforcement;
  probe(): Promise<TierReport>;
  /**
   * @param workspace of this tier's; default a fresh one that is gone with the run.
   * @throws SandboxError when the command could not be started; nothing of it is left then.
   */
  start(command: GuestCommand, workspace?: Workspace): Promise<GuestProcess>;
  /** @throws SandboxError `SANDBOX_TIER_UNAVAILABLE`, `SANDBOX_CAPACITY` */
  createWorkspace(limits: SandboxLimits): Promise<Workspace>;
}

/** A tier that may keep started sandboxes for runs to come. */
export interface WarmTier extends Tier {
  /** Removes those that are kept, and keeps none any more. Runs are not touched. */
  close(): Promise<void>;
}
