import { spawn } from "node:child_process";
import { once } from "node:events";
import { DEFAULT_LIMITS, namespaceTier, Sandbox } from "@symbiont/sandbox";
import type { Bench } from "../../../scripts/bench/bench.ts";
import { findTools } from "../src/process/local-tools.ts";
import { bwrapArguments } from "../src/tiers/namespace/bwrap-arguments.ts";
import { engineBenches } from "./engine-benches.ts";
import { machineBenches } from "./machine-benches.ts";

const PARALLEL = 16;
/** Measured together, so that what counts is how many get through, not the slowest. */
const RUNS = 96;
/** Goal, on four processors with nothing else to do. */
const RUNS_PER_SECOND = 300;

/** Nothing of a tier that does not work. */
export async function benches(): Promise<readonly Bench[]> {
  return [...(await namespaceBenches()), ...(await engineBenches()), ...(await machineBenches())];
}

async function namespaceBenches(): Promise<readonly Bench[]> {
  const tier = namespaceTier();
  const { available, problems } = await tier.probe();
  if (!available) {
    console.log(`sandbox: ${problems.join("; ")}, no figures`);
    return [];
  }
  const sandbox = new Sandbox({ tier, maxConcurrent: PARALLEL });
  const { setpriv = "", bwrap = "" } = findTools(["setpriv", "bwrap"]).paths;
  const user = process.getuid?.() === 0 ? ["--reuid", "65534", "--regid", "65534", "--clear-groups"] : [];
  // The same world without our files, filter and report.
  const world = bwrapArguments({
    limits: DEFAULT_LIMITS,
    files: [],
    seccompDescriptor: 0,
    statusDescriptor: 0,
  });
  const inside = world.slice(0, world.indexOf("--seccomp"));
  const args = [...user, "--no-new-privs", "--", bwrap, ...inside, "--", "/usr/bin/true"];
  const bare = async (): Promise<void> => {
    const child = spawn(setpriv, args, { env: {}, stdio: ["pipe", "pipe", "pipe"] });
    const [code] = (await once(child, "exit")) as [number];
    if (code !== 0) throw new Error(`bubblewrap ended with ${code}`);
  };
  const ours = async (): Promise<void> => {
    const { status } = await sandbox.exec(["true"]);
    if (status !== "exited") throw new Error(`the run ended as ${status}`);
  };
  /** So many at a time, until all have run. */
  const all = async (run: () => Promise<void>): Promise<unknown> => {
    let left = RUNS;
    const next = async (): Promise<void> => {
      while ((left -= 1) >= 0) await run();
    };
    return Promise.all(Array.from({ length: PARALLEL }, next));
  };
  return [
    {
      name: "namespace, run true",
      ours,
      floor: bare,
      floorName: "bubblewrap with the same namespaces and mounts",
      maxFloorRatio: 1.5,
    },
    {
      name: `namespace, ${RUNS} runs of true, ${PARALLEL} at a time`,
      ours: async () => all(ours),
      floor: async () => all(bare),
      floorName: "bubblewrap with the same namespaces and mounts",
      maxFloorRatio: 1.5,
      maxMicroseconds: (RUNS / RUNS_PER_SECOND) * 1_000_000,
    },
  ];
}
