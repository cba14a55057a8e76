import { isAbsolute } from "node:path";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-range.ts";
import { invalid } from "../../sandbox-error.ts";
import { checkWarm } from "../../warm/check-warm.ts";
import { microvmTier } from "../microvm/microvm-tier.ts";
import type { WarmTier } from "../tier.ts";

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

/**
 * Virtual machines of QEMU, one for each run or session: a kernel of the guest's own, no network, and one channel, to an
 * agent that starts the command as a user of its own behind a system call filter.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function qemuTier(options: QemuTierOptions): WarmTier {
  const { kernelPath, initrdPath, accelerator = "tcg" } = options;
  const { bootTimeoutMs = 30_000, saveMachines = true, uidRange = DEFAULT_UID_RANGE, warm = 0 } = options;
  for (const [name, path] of Object.entries({ kernelPath, initrdPath }))
    if (typeof path !== "string" || !isAbsolute(path) || /[\0,]/.test(path))
      invalid(`${name} must be absolute`);
  if (accelerator !== "kvm" && accelerator !== "tcg") invalid("accelerator must be kvm or tcg");
  if (!Number.isSafeInteger(bootTimeoutMs) || bootTimeoutMs < 1) invalid("bootTimeoutMs must be whole");
  checkWarm(warm);
  const plan = { kernelPath, initrdPath, accelerator, bootTimeoutMs, saveMachines, uidRange, warm };
  return microvmTier("qemu", async () => new (await import("./qemu.ts")).Qemu(plan));
}
