import type { Command } from "commander";
import { type Run, withAction } from "../../program/task.ts";
import { probeTiers, runInSandbox } from "./actions.ts";

/** `symbiont sandbox`. */
export function configure(sandbox: Command, run: Run): void {
  sandbox.enablePositionalOptions();
  withAction(sandbox.command("probe").description("which tiers work here, and why not"), run, probeTiers);
  const command = sandbox
    .command("run <program> [arguments...]")
    .description("run a program in a tier; exit code 1 when it fails")
    .option("--tier <name>", "namespace, docker, gvisor, qemu, or native with --no-isolation", "namespace")
    .option("--image <name>", "of docker and gvisor: an image that the engine has")
    .option("--rootfs <folder>", "of gvisor without an engine: the root of the file system")
    .option("--kernel <file>", "of qemu: the kernel of its machines")
    .option("--initrd <file>", "of qemu: the image of its machines")
    .option("--no-isolation", "take the native tier for what it is")
    .option("--wall-ms <n>", "longest time, in milliseconds", "30000")
    .option("--memory-mib <n>", "memory of all processes together", "512")
    .option("--file <name=path...>", "a file for the workspace", [])
    .passThroughOptions();
  withAction(command, run, runInSandbox);
}
