import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { qemuTier, Sandbox } from "@symbiont/sandbox";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { findTools } from "../src/process/local-tools.ts";
import { qemuArguments } from "../src/tiers/qemu/qemu-arguments.ts";
import { microvmImage } from "../test/microvm/image.ts";

/** Nothing where there is no image, or it does not boot. */
export async function machineBenches(): Promise<readonly Bench[]> {
  const image = microvmImage();
  if (image === undefined) return [];
  const tier = qemuTier(image);
  if (!(await tier.probe()).available) return [];
  const sandbox = new Sandbox({ tier });
  const kept = new Sandbox({ tier: qemuTier({ ...image, warm: 1 }) });
  const { "qemu-system-x86_64": qemu = "" } = findTools(["qemu-system-x86_64"]).paths;
  const args = qemuArguments({ ...image, memoryMib: 960, accelerator: "tcg", state: "fresh" });
  // Its first program ends at once, so that the kernel gives up, and QEMU with it.
  const bare = args
    .map((argument) => (argument.startsWith("quiet ") ? `${argument} rdinit=/bin/true` : argument))
    .map((argument) => (argument.startsWith("socket,id=agent") ? "null,id=agent" : argument));
  return [
    {
      name: "qemu, run true",
      ours: async () => runTrue(sandbox),
      floor: async () => {
        const child = spawn(qemu, bare, { env: {}, stdio: "ignore" });
        await once(child, "exit");
      },
      floorName: "bare QEMU, from power on to power off",
      maxFloorRatio: 0.5,
    },
    {
      name: "qemu, run true in a machine that was kept",
      ours: async () => runTrue(kept),
      floor: async () => runTrue(sandbox),
      floorName: "the same in a machine that is restored",
      maxFloorRatio: 0.7,
      prepare: async () => sleep(3_000),
    },
  ];
}

async function runTrue(sandbox: Sandbox): Promise<void> {
  const { status } = await sandbox.exec(["true"]);
  if (status !== "exited") throw new Error(`the run ended as ${status}`);
}
