import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxLimits } from "../../policy/limits.ts";
import { inGroup } from "../../process/launcher.ts";
import { findTools, installAdvice, requireTools } from "../../process/local-tools.ts";
import { MemoryGroup } from "../../process/memory-group.ts";
import { killProgram, type StartedProgram, startProgram } from "../../process/start-program.ts";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-lease.ts";
import { UserPool } from "../../process/user-pool.ts";
import { invalid } from "../../sandbox-error.ts";
import type { Machine } from "../microvm/machine.ts";
import { type Hypervisor, MicrovmTier } from "../microvm/microvm-tier.ts";
import type { Tier } from "../tier.ts";
import { qemuArguments } from "./qemu-arguments.ts";

/** Options of {@link qemuTier}. */
export interface QemuTierOptions {
  /** Absolute path of a kernel that needs no unpacking. Whoever the guests run as must be able to read it. */
  readonly kernelPath: string;
  /** Absolute path of an image with the guest agent as `/init`, likewise. */
  readonly initrdPath: string;
  /**
   * `kvm` needs `/dev/kvm` and a processor that a guest really runs on; `tcg` emulates one, which is slow and works
   * everywhere. Default `tcg`: whether KVM works cannot be seen without trying.
   */
  readonly accelerator?: "kvm" | "tcg";
  /** How long a machine may take until its agent speaks, in milliseconds. Default 30,000. */
  readonly bootTimeoutMs?: number;
  /** Users for machines where the host runs as root. Default 200000 to 200999. */
  readonly uidRange?: UidRange;
}

const TOOLS = ["setpriv", "prlimit", "qemu-system-x86_64", "sh"] as const;
const MIB = 1024 * 1024;
/** The guest's kernel and agent; QEMU itself, and what it keeps of translated code. */
const GUEST_OVERHEAD_BYTES = 160 * MIB;
const HOST_OVERHEAD_BYTES = 640 * MIB;
const CHANNEL_DESCRIPTOR = 3;
const END_PATIENCE_MS = 5_000;

/**
 * Virtual machines of QEMU, one for each run or session: a kernel of the guest's own, no network, and one channel, to an
 * agent that starts the command as a user of its own behind a system call filter.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function qemuTier(options: QemuTierOptions): Tier {
  return new MicrovmTier(new Qemu(options));
}

class Qemu implements Hypervisor {
  readonly name = "qemu";
  readonly bootTimeoutMs: number;
  readonly #kernelPath: string;
  readonly #initrdPath: string;
  readonly #accelerator: "kvm" | "tcg";
  readonly #users: UserPool;

  constructor(options: QemuTierOptions) {
    const { kernelPath, initrdPath, accelerator = "tcg" } = options;
    const { bootTimeoutMs = 30_000, uidRange = DEFAULT_UID_RANGE } = options;
    for (const [name, path] of Object.entries({ kernelPath, initrdPath }))
      if (typeof path !== "string" || !isAbsolute(path) || /[\0,]/.test(path)) invalid(`${name} must be absolute`);
    if (accelerator !== "kvm" && accelerator !== "tcg") invalid("accelerator must be kvm or tcg");
    if (!Number.isSafeInteger(bootTimeoutMs) || bootTimeoutMs < 1) invalid("bootTimeoutMs must be whole");
    this.bootTimeoutMs = bootTimeoutMs;
    this.#kernelPath = kernelPath;
    this.#initrdPath = initrdPath;
    this.#accelerator = accelerator;
    this.#users = new UserPool(uidRange, false);
  }

  get advice(): readonly string[] {
    return [...installAdvice(findTools(TOOLS).missing), "make kernel and image with guest/build-image.sh"];
  }

  problems(): readonly string[] {
    const problems = findTools(TOOLS).missing.map((name) => `${name} is not installed`);
    if (process.arch !== "x64") problems.push(`there is no machine for ${process.arch}`);
    for (const path of [this.#kernelPath, this.#initrdPath])
      if (!isReadable(path)) problems.push("kernel or image cannot be read");
    return problems;
  }

  async boot(limits: SandboxLimits): Promise<Machine> {
    const { setpriv, prlimit, sh, "qemu-system-x86_64": qemu } = requireTools(TOOLS);
    const user = await this.#users.take();
    const guestBytes =
      limits.memoryBytes + limits.workspaceBytes + limits.tmpBytes + GUEST_OVERHEAD_BYTES + 2 * sizeOf(this.#initrdPath);
    const memoryMib = Math.ceil(guestBytes / MIB);
    const group = MemoryGroup.create(memoryMib * MIB + HOST_OVERHEAD_BYTES);
    const giveBack = (): void => {
      group?.remove();
      this.#users.giveBack(user);
    };
    const plan = {
      kernelPath: this.#kernelPath,
      initrdPath: this.#initrdPath,
      memoryMib,
      accelerator: this.#accelerator,
      channelDescriptor: CHANNEL_DESCRIPTOR,
    };
    const bounds = ["--core=0:0", "--nofile=128:128", "--fsize=0:0", "--memlock=65536:65536"];
    const args = [...user.arguments, "--", prlimit, ...bounds, "--", qemu, ...qemuArguments(plan)];
    try {
      const program = await startProgram({ ...inGroup(group, sh, setpriv, args), env: {}, cwd: "/", extra: ["report"] });
      return machineOf(program, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  }
}

function machineOf(program: StartedProgram, giveBack: () => void): Machine {
  const channel = program.reports[0] as Duplex;
  const { child } = program;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // What QEMU itself has to say is nobody's output.
  program.stdin.end();
  program.stdout.resume();
  program.stderr.resume();
  let removed: Promise<number> | undefined;
  const remove = async (): Promise<number> => {
    channel.destroy();
    const isEnded = await Promise.race([ended.then(() => true), sleep(END_PATIENCE_MS, false, { ref: false })]);
    if (!isEnded) return 1;
    giveBack();
    return 0;
  };
  return {
    channel,
    ended,
    kill: () => killProgram(program),
    remove: async () => (removed ??= remove()),
  };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
