import { accessSync, closeSync, constants, statSync } from "node:fs";
import type { SandboxLimits } from "../../policy/limits.ts";
import { findTools, installAdvice, requireTools } from "../../process/local-tools.ts";
import { UserPool } from "../../process/user-pool.ts";
import type { Machine } from "../microvm/machine.ts";
import type { Hypervisor } from "../microvm/microvm-tier.ts";
import type { QemuPlan } from "./qemu-arguments.ts";
import { QEMU_TOOLS, startQemu } from "./qemu-machine.ts";
import type { QemuTierOptions } from "./qemu-tier.ts";
import { SavedMachine } from "./saved-machine.ts";

const MIB = 1024 * 1024;
/** The guest's kernel and agent. */
const GUEST_OVERHEAD_BYTES = 160 * MIB;
const STEP_MIB = 64;
/** Each is a file of some hundred megabytes without a name. */
const MAX_SAVED = 4;

/** Makes machines of QEMU. */
export class Qemu implements Hypervisor {
  readonly name = "qemu";
  readonly bootTimeoutMs: number;
  readonly warm: number;
  readonly #kernelPath: string;
  readonly #initrdPath: string;
  readonly #accelerator: "kvm" | "tcg";
  readonly #isSaving: boolean;
  readonly #users: UserPool;
  readonly #saved = new Map<number, Promise<SavedMachine>>();

  constructor(options: Required<QemuTierOptions>) {
    const { kernelPath, initrdPath, accelerator, bootTimeoutMs, saveMachines, uidRange, warm } = options;
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
