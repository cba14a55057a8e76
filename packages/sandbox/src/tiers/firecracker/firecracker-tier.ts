import { isAbsolute } from "node:path";
import { DEFAULT_UID_RANGE, type UidRange } from "../../process/uid-range.ts";
import { invalid } from "../../sandbox-error.ts";
import { checkWarm } from "../../warm/check-warm.ts";
import { microvmTier } from "../microvm/microvm-tier.ts";
import type { WarmTier } from "../tier.ts";

/** Options of {@link firecrackerTier}. */
export interface FirecrackerTierOptions {
  /** Absolute path of `firecracker`, linked with everything it needs. */
  readonly firecrackerPath: string;
  /** Absolute path of `jailer`. */
  readonly jailerPath: string;
  /** Absolute path of a kernel that needs no unpacking. */
  readonly kernelPath: string;
  /** Absolute path of an image with the guest agent as `/init`. */
  readonly initrdPath: string;
  /** Folder for the roots of machines, best on the file system of kernel and image. Default `/srv/jailer`. */
  readonly chrootBase?: string;
  /** How long a machine may take until its agent speaks, in milliseconds. Default 10,000. */
  readonly bootTimeoutMs?: number;
  /** Users for machines. Default 200000 to 200999. */
  readonly uidRange?: UidRange;
  /**
   * Machines that are kept started and empty, each for one run or session with the same memory and workspace as the one
   * before. They are there until the tier is closed. Default 0.
   */
  readonly warm?: number;
}

/**
 * Machines of Firecracker on KVM, one for each run or session, behind its jailer: a root, a user and a process namespace
 * of its own. Inside, the same agent as in the tier of QEMU.
 *
 * @throws SandboxError `SANDBOX_INVALID_ARGUMENT`
 */
export function firecrackerTier(options: FirecrackerTierOptions): WarmTier {
  const { firecrackerPath, jailerPath, kernelPath, initrdPath, chrootBase = "/srv/jailer" } = options;
  const { bootTimeoutMs = 10_000, uidRange = DEFAULT_UID_RANGE, warm = 0 } = options;
  const paths = { firecrackerPath, jailerPath, kernelPath, initrdPath, chrootBase };
  for (const [name, path] of Object.entries(paths))
    if (typeof path !== "string" || !isAbsolute(path) || path.includes("\0"))
      invalid(`${name} must be absolute`);
  if (!Number.isSafeInteger(bootTimeoutMs) || bootTimeoutMs < 1) invalid("bootTimeoutMs must be whole");
  checkWarm(warm);
  const plan = { ...paths, bootTimeoutMs, uidRange, warm };
  return microvmTier("firecracker", async () => new (await import("./firecracker.ts")).Firecracker(plan));
}
