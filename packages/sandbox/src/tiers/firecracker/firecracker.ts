import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { SandboxLimits } from "../../policy/limits.ts";
import { inGroup } from "../../process/launcher.ts";
import { requireTools } from "../../process/local-tools.ts";
import { MemoryGroup } from "../../process/memory-group.ts";
import { killProgram, type StartedProgram, startProgram } from "../../process/start-program.ts";
import { UserPool } from "../../process/user-pool.ts";
import { SandboxError } from "../../sandbox-error.ts";
import type { Machine } from "../microvm/machine.ts";
import { machineFailed } from "../microvm/machine-failed.ts";
import type { Hypervisor } from "../microvm/microvm-tier.ts";
import { FirecrackerApi } from "./firecracker-api.ts";
import type { FirecrackerTierOptions } from "./firecracker-tier.ts";
import { makeJail } from "./jail.ts";
import { connectVsock } from "./vsock-channel.ts";

const MIB = 1024 * 1024;
const GUEST_OVERHEAD_BYTES = 160 * MIB;
const HOST_OVERHEAD_BYTES = 64 * MIB;
const API_PATH = "run/api";
const VSOCK_PATH = "run/agent";
const END_PATIENCE_MS = 5_000;
const RETRY_MS = 5;

/** Makes machines of Firecracker, each in a jail. */
export class Firecracker implements Hypervisor {
  readonly name = "firecracker";
  readonly bootTimeoutMs: number;
  readonly warm: number;
  readonly advice: readonly string[] = [
    "install firecracker and jailer of one release",
    "run as root, where /dev/kvm is there and works",
    "make kernel and image with guest/build-image.sh",
  ];
  readonly #paths: Readonly<
    Record<"firecrackerPath" | "jailerPath" | "kernelPath" | "initrdPath" | "chrootBase", string>
  >;
  readonly #users: UserPool;

  constructor(options: Required<FirecrackerTierOptions>) {
    const { firecrackerPath, jailerPath, kernelPath, initrdPath, chrootBase } = options;
    const { bootTimeoutMs, uidRange, warm } = options;
    this.#paths = { firecrackerPath, jailerPath, kernelPath, initrdPath, chrootBase };
    this.bootTimeoutMs = bootTimeoutMs;
    this.warm = warm;
    this.#users = new UserPool(uidRange, false);
  }

  problems(): readonly string[] {
    const { firecrackerPath, jailerPath, kernelPath, initrdPath } = this.#paths;
    return [
      ...(process.getuid?.() === 0 ? [] : ["only root can use the jailer"]),
      ...(may(firecrackerPath, constants.X_OK) ? [] : ["firecracker is not installed"]),
      ...(may(jailerPath, constants.X_OK) ? [] : ["jailer is not installed"]),
      ...(may("/dev/kvm", constants.R_OK | constants.W_OK) ? [] : ["/dev/kvm cannot be opened"]),
      ...(may(kernelPath, constants.R_OK) && may(initrdPath, constants.R_OK)
        ? []
        : ["kernel or image cannot be read"]),
    ];
  }

  async boot(limits: SandboxLimits, signal?: AbortSignal): Promise<Machine> {
    const [problem] = this.problems();
    if (problem !== undefined) throw new SandboxError("SANDBOX_TIER_UNAVAILABLE", problem);
    const { sh } = requireTools(["sh"]);
    const { firecrackerPath, jailerPath, kernelPath, initrdPath, chrootBase } = this.#paths;
    const user = await this.#users.take();
    const { memoryBytes, workspaceBytes, tmpBytes } = limits;
    const bytes =
      memoryBytes + workspaceBytes + tmpBytes + GUEST_OVERHEAD_BYTES + 2 * statSync(initrdPath).size;
    const memoryMib = Math.ceil(bytes / MIB);
    const group = MemoryGroup.create(memoryMib * MIB + HOST_OVERHEAD_BYTES);
    const jail = await makeJail(
      chrootBase,
      firecrackerPath,
      { vmlinux: kernelPath, initrd: initrdPath },
      user.uid,
    );
    const giveBack = async (): Promise<void> => {
      await jail.remove();
      await group?.remove();
      this.#users.giveBack(user);
    };
    const id = String(user.uid);
    const args = ["--id", jail.id, "--exec-file", firecrackerPath, "--uid", id, "--gid", id];
    const place = [
      "--chroot-base-dir",
      chrootBase,
      "--resource-limit",
      "no-file=128",
      "--resource-limit",
      "fsize=0",
    ];
    let program: StartedProgram;
    try {
      const command = [...args, ...place, "--", "--api-sock", `/${API_PATH}`];
      program = await startProgram({ ...inGroup(group, sh, jailerPath, command), env: {}, cwd: "/" });
    } catch (error) {
      await giveBack();
      throw error;
    }
    const { ended, remove } = endOf(program, giveBack);
    try {
      const api = join(jail.root, API_PATH);
      await whenThere(api, this.bootTimeoutMs, ended);
      const inside = { kernelPath: "/vmlinux", initrdPath: "/initrd", vsockPath: `/${VSOCK_PATH}` };
      await new FirecrackerApi(api, this.bootTimeoutMs).boot({ ...inside, memoryMib });
      const channel = await connectVsock(join(jail.root, VSOCK_PATH), this.bootTimeoutMs, signal);
      const close = async (): Promise<number> => {
        channel.destroy();
        return remove();
      };
      return { channel, isReady: false, ended, kill: () => killProgram(program), remove: close };
    } catch (error) {
      killProgram(program);
      await remove();
      throw error;
    }
  }
}

function endOf(
  program: StartedProgram,
  giveBack: () => Promise<void>,
): { readonly ended: Promise<void>; readonly remove: () => Promise<number> } {
  const ended = new Promise<void>((resolve) => program.child.once("exit", () => resolve()));
  program.stdin.end();
  program.stdout.resume();
  program.stderr.resume();
  let removed: Promise<number> | undefined;
  const remove = async (): Promise<number> => {
    const isEnded = await Promise.race([
      ended.then(() => true),
      sleep(END_PATIENCE_MS, false, { ref: false }),
    ]);
    if (!isEnded) return 1;
    await giveBack();
    return 0;
  };
  return { ended, remove: async () => (removed ??= remove()) };
}

async function whenThere(path: string, timeoutMs: number, ended: Promise<void>): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; performance.now() < deadline; ) {
    const hasEnded = await Promise.race([ended.then(() => true), sleep(RETRY_MS, false)]);
    if (hasEnded) throw machineFailed("Firecracker has ended");
    if (may(path, constants.F_OK)) return;
  }
  throw machineFailed("Firecracker did not begin in time");
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
