import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { inGroup } from "../../process/launcher.ts";
import { requireTools } from "../../process/local-tools.ts";
import { MemoryGroup } from "../../process/memory-group.ts";
import { killProgram, type StartedProgram, startProgram } from "../../process/start-program.ts";
import type { UserPool } from "../../process/user-pool.ts";
import type { Machine } from "../microvm/machine.ts";
import { type QemuPlan, qemuArguments } from "./qemu-arguments.ts";

/** What a machine of QEMU is started with. */
export const QEMU_TOOLS = ["setpriv", "prlimit", "qemu-system-x86_64", "sh"] as const;

const MIB = 1024 * 1024;
/** QEMU itself, and what it keeps of translated code. */
const HOST_OVERHEAD_BYTES = 640 * MIB;
const END_PATIENCE_MS = 5_000;

/** A machine, and the way to QEMU itself where the plan has one. */
export interface StartedQemu {
  readonly machine: Machine;
  readonly monitor: Duplex | undefined;
  /** Who it runs as. */
  readonly uid: number;
}

/**
 * Starts QEMU as a user of its own where the host is root, within bounds, and dying with the host.
 * @param state descriptor of the file that a saved machine comes from.
 * @throws SandboxError `SANDBOX_TIER_UNAVAILABLE`, `SANDBOX_CAPACITY`, `SANDBOX_SPAWN_FAILED`
 */
export async function startQemu(users: UserPool, plan: QemuPlan, state?: number): Promise<StartedQemu> {
  const { setpriv, prlimit, sh, "qemu-system-x86_64": qemu } = requireTools(QEMU_TOOLS);
  const user = await users.take();
  const group = MemoryGroup.create(plan.memoryMib * MIB + HOST_OVERHEAD_BYTES);
  const giveBack = async (): Promise<void> => {
    await group?.remove();
    users.giveBack(user);
  };
  const isSaving = plan.state === "to save";
  const bounds = ["--core=0:0", "--nofile=128:128", "--memlock=65536:65536", "--fsize=0:0"];
  const args = [...user.arguments, "--", prlimit, ...bounds, "--", qemu, ...qemuArguments(plan)];
  const extra = [
    "report" as const,
    ...(state === undefined ? [] : [state]),
    ...(isSaving ? ["report" as const] : []),
  ];
  try {
    const program = await startProgram({ ...inGroup(group, sh, setpriv, args), env: {}, cwd: "/", extra });
    const machine = machineOf(program, plan.state === "saved", giveBack);
    return { machine, monitor: program.reports[1] as Duplex | undefined, uid: user.uid };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

function machineOf(program: StartedProgram, isReady: boolean, giveBack: () => Promise<void>): Machine {
  const channel = program.reports[0] as Duplex;
  const ended = new Promise<void>((resolve) => program.child.once("exit", () => resolve()));
  // What QEMU itself has to say is nobody's output.
  program.stdin.end();
  program.stdout.resume();
  program.stderr.resume();
  let removed: Promise<number> | undefined;
  const remove = async (): Promise<number> => {
    channel.destroy();
    const isEnded = await Promise.race([
      ended.then(() => true),
      sleep(END_PATIENCE_MS, false, { ref: false }),
    ]);
    if (!isEnded) return 1;
    await giveBack();
    return 0;
  };
  return {
    channel,
    isReady,
    ended,
    kill: () => killProgram(program),
    remove: async () => (removed ??= remove()),
  };
}
