import { resolve } from "node:path";
import type { RunResult, Tier } from "@symbiont/sandbox";
import { readInput } from "../../program/read-input.ts";
import type { Answer, Task } from "../../program/task.ts";
import type { Line } from "../../program/terminal.ts";
import { tierState } from "../../program/tier-state.ts";
import { UsageError } from "../../program/usage-error.ts";

/** `sandbox probe`. */
export async function probeTiers(): Promise<Answer> {
  const { doctor } = await import("@symbiont/sandbox");
  const reports = await doctor();
  return {
    data: reports.map(({ tier, available, ...report }) => {
      const { state, fix } = tierState({ tier, available, ...report });
      return { tier, available, state, problems: [...report.problems], ...(fix !== undefined && { fix }) };
    }),
    lines: reports.flatMap((report): Line[] => {
      const { state, says, fix } = tierState(report);
      const mark = state === "works" ? "ok" : state === "missing" ? "bad" : "note";
      return [[mark, says], ...(fix === undefined ? [] : [["note", `-> ${fix}`] satisfies Line])];
    }),
    no: reports.every(({ available }) => !available),
  };
}

/** `sandbox run`: ends with 1 when the program failed or was ended; its own output goes where ours goes. */
export async function runInSandbox(
  options: TierChoice & {
    readonly wallMs: string;
    readonly memoryMib: string;
    readonly file: readonly string[];
  },
  task: Task,
  ...command: readonly string[]
): Promise<Answer> {
  const { Sandbox } = await import("@symbiont/sandbox");
  const files: Record<string, Uint8Array> = {};
  for (const entry of options.file) {
    const at = entry.indexOf("=");
    if (at < 1) throw new UsageError("--file must be NAME=PATH");
    files[entry.slice(0, at)] = await readInput(entry.slice(at + 1), task);
  }
  const limits = {
    wallMs: whole("--wall-ms", options.wallMs),
    memoryBytes: whole("--memory-mib", options.memoryMib) * 1024 * 1024,
  };
  await using sandbox = new Sandbox({ tier: await tierOf(options, command), limits, files });
  const result = await sandbox.exec(command, { signal: task.signal });
  if (!task.json) {
    await task.raw(result.stdout.bytes);
    task.terminal.stderr.write(result.stderr.bytes);
  }
  const { status, exitCode } = result;
  const no = status !== "exited" || exitCode !== 0;
  if (no && !task.json) task.note(["bad", `${status}${exitCode === null ? "" : ` ${exitCode}`}`]);
  return { data: describe(result), lines: [], no };
}

interface TierChoice {
  readonly tier: string;
  readonly isolation: boolean;
  readonly image?: string;
  readonly rootfs?: string;
  readonly kernel?: string;
  readonly initrd?: string;
}

async function tierOf(
  { tier, isolation, image, rootfs, kernel, initrd }: TierChoice,
  [program = ""]: readonly string[],
): Promise<Tier> {
  const { dockerTier, gvisorTier, namespaceTier, nativeTier, qemuTier } = await import("@symbiont/sandbox");
  switch (tier) {
    case "namespace":
      return namespaceTier();
    case "docker":
      if (image === undefined) throw new UsageError("the tier docker needs --image");
      return dockerTier({ image });
    case "gvisor":
      if (rootfs !== undefined) return gvisorTier({ rootfs });
      if (image === undefined) throw new UsageError("the tier gvisor needs --image or --rootfs");
      return gvisorTier({ image });
    case "qemu":
      if (kernel === undefined || initrd === undefined)
        throw new UsageError("the tier qemu needs --kernel and --initrd");
      return qemuTier({ kernelPath: resolve(kernel), initrdPath: resolve(initrd) });
    case "native":
      if (isolation) throw new UsageError("the native tier isolates nothing; write --no-isolation as well");
      return nativeTier({ acknowledgeNoIsolation: true, allowedExecutables: [program] });
    default:
      throw new UsageError("--tier must be namespace, docker, gvisor, qemu or native");
  }
}

function describe({ status, exitCode, signal, stdout, stderr, usage }: RunResult) {
  return {
    status,
    exitCode,
    signal,
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.truncated || stderr.truncated,
    wallMs: usage.wallMs,
  };
}

function whole(option: string, text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new UsageError(`${option} must be a whole number from 1`);
  return value;
}
