import { spawn } from "node:child_process";
import { once } from "node:events";
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
  const { "qemu-system-x86_64": qemu = "" } = findTools(["qemu-system-x86_64"]).paths;
  const args = qemuArguments({ ...image, memoryMib: 960, accelerator: "tcg", state: "fresh" });
  // Its first program ends at once, so that the kernel gives up, and QEMU with it.
  const bare = args
    .map((argument) => (argument.startsWith("quiet ") ? `${argument} rdinit=/bin/true` : argument))
    .map((argument) => (argument.startsWith("socket,id=agent") ? "null,id=agent" : argument));
  return [
    {
      name: "qemu, run true",
      ours: async () => {
        const { status } = await sandbox.exec(["true"]);
        if (status !== "exited") throw new Error(`the run ended as ${status}`);
      },
      floor: async () => {
        const child = spawn(qemu, bare, { env: {}, stdio: "ignore" });
        await once(child, "exit");
      },
      floorName: "bare QEMU, from power on to power off",
      maxFloorRatio: 0.5,
    },
  ];
}
