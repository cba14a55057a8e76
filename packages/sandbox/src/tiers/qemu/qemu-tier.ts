import { accessSync, closeSync, constants, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { SandboxLimits } from "../../policy/limits.ts";
import { findTools, installAdvice, requireTools } from "../../process/local-tools.ts";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-lease.ts";
import { UserPool } from "../../process/user-pool.ts";
import { invalid } from "../../sandbox-error.ts";
import type { Machine } from "../microvm/machine.ts";
import { type Hypervisor, MicrovmTier } from "../microvm/microvm-tier.ts";
import type { WarmTier } from "../tier.ts";
import type { QemuPlan } from "./qemu-arguments.ts";
import { QEMU_TOOLS, startQemu } from "./qemu-machine.ts";
import { SavedMachine } from "./saved-machine.ts";

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
  /**
   * Whether a machine that has just begun is saved, in a file without a name in the folder for temporary files, and the
   * machines of runs are copies of it. Default true: it takes a fraction of the time. Each copy gets randomness of its
   * own before anything runs.
   */
  readonly saveMachines?: boolean;
  /** Users for machines where the host runs as root. Default 200000 to 200999. */
  readonly uidRange?: UidRange;
  /**
   * Machines that are kept started and empty, each for one run or session with the same memory and workspace as the one
   * before. They are there until the tier is closed. Default 0.
   */
  readonly warm?: number;
}

const MIB = 1024 * 1024;
/** The guest's kernel and agent. */
const GUEST_OVERHEAD_BYTES = 160 * MIB;
const STEP_MIB = 64;
/** Each is a file of some hundred megabytes without a name. */
const MAX_SAVED = 4;

/**
 * Virtual machines of QEMU, one for each run or session: a kernel of the guest's own, no network, and one channel, to an
 * agent that starts the command as a user of its own behind a system call filter.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function qemuTier(options: QemuTierOptions): WarmTier {
  return new MicrovmTier(new Qemu(options));
}

class Qemu implements Hypervisor {
  readonly name = "qemu";
  readonly bootTimeoutMs: number;
  readonly warm: number;
  readonly #kernelPath: string;
  readonly #initrdPath: string;
  readonly #accelerator: "kvm" | "tcg";
  readonly #isSaving: boolean;
  readonly #users: UserPool;
  readonly #saved = new Map<number, Promise<SavedMachine>>();

  constructor(options: QemuTierOptions) {
    const { kernelPath, initrdPath, accelerator = "tcg" } = options;
    const { bootTimeoutMs = 30_000, saveMachines = true, uidRange = DEFAULT_UID_RANGE, warm = 0 } = options;
    for (const [name, path] of Object.entries({ kernelPath, initrdPath }))
      if (typeof path !== "string" || !isAbsolute(path) || /[\0,]/.test(path))
        invalid(`${name} must be absolute`);
    if (accelerator !== "kvm" && accelerator !== "tcg") invalid("accelerator must be kvm or tcg");
    if (!Number.isSafeInteger(bootTimeoutMs) || bootTimeoutMs < 1) invalid("bootTimeoutMs must be whole");
    this.bootTimeoutMs = bootTimeoutMs;
    this.warm = warm;
    this.#kernelPath = kernelPath;
    this.#initrdPath = initrdPath;
    this.#accelerator = accelerator;
    this.#isSaving = saveMachines;
    this.#users = new UserPool(uidRange, false);
  }

  get advice(): readonly string[] {
    return [
      ...installAdvice(findTools(QEMU_TOOLS).missing),
      "make kernel and image with guest/build-image.sh",
    ];
  }

  problems(): readonly string[] {
    const problems = findTools(QEMU_TOOLS).missing.map((name) => `${name} is not installed`);
    if (process.arch !== "x64") problems.push(`there is no machine for ${process.arch}`);
    for (const path of [this.#kernelPath, this.#initrdPath])
      if (!isReadable(path)) problems.push("kernel or image cannot be read");
    return problems;
  }

  async boot(limits: SandboxLimits, signal?: AbortSignal): Promise<Machine> {
    requireTools(QEMU_TOOLS);
    const guestBytes =
      limits.memoryBytes +
      limits.workspaceBytes +
      limits.tmpBytes +
      GUEST_OVERHEAD_BYTES +
      2 * sizeOf(this.#initrdPath);
    const plan = {
      kernelPath: this.#kernelPath,
      initrdPath: this.#initrdPath,
      // Machines of about the same size come from the same saved one.
      memoryMib: Math.ceil(guestBytes / MIB / STEP_MIB) * STEP_MIB,
      accelerator: this.#accelerator,
    };
    if (!this.#isSaving) return (await startQemu(this.#users, { ...plan, state: "fresh" })).machine;
    const saved = await unlessAborted(this.#savedMachine(plan), signal);
    const state = saved.open();
    try {
      return (await startQemu(this.#users, { ...plan, state: "saved" }, state)).machine;
    } finally {
      closeSync(state);
    }
  }

  /** The machine that others of its size are copies of. It has run nothing of anybody's. */
  async #savedMachine(plan: Omit<QemuPlan, "state">): Promise<SavedMachine> {
    const { memoryMib } = plan;
    const known = this.#saved.get(memoryMib);
    if (known !== undefined) return known;
    const [oldest] = this.#saved.keys();
    if (this.#saved.size >= MAX_SAVED && oldest !== undefined) {
      const forgotten = this.#saved.get(oldest);
      this.#saved.delete(oldest);
      void forgotten?.then((machine) => machine.forget()).catch(() => undefined);
    }
    const saving = SavedMachine.save(this.#users, plan, this.bootTimeoutMs);
    this.#saved.set(memoryMib, saving);
    // The next run tries again.
    saving.catch(() => this.#saved.delete(memoryMib));
    return saving;
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
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
