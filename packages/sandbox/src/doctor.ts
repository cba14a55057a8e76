import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { findTool } from "./process/find-tool.ts";
import { findTools, installAdvice, type ToolName } from "./process/local-tools.ts";
import { namespaceTier } from "./tiers/namespace/namespace-tier.ts";
import type { Tier, TierName, TierReport } from "./tiers/tier.ts";

const ENGINE_SOCKET = "/var/run/docker.sock";

/**
 * Tells of every tier what works here, what is missing, and what to install. A tier that is given is tried; of one that
 * is not given, and that needs an image, a folder or an account, only what must be installed is looked at.
 */
export async function doctor(tiers: readonly Tier[] = []): Promise<readonly TierReport[]> {
  const given = tiers.some(({ name }) => name === "namespace") ? tiers : [namespaceTier(), ...tiers];
  const tried = await Promise.all(given.map(async (tier) => tier.probe()));
  const missing = Object.entries(LOOKS).filter(([name]) => !given.some((tier) => tier.name === name));
  return [...tried, ...missing.map(([, look]) => look())];
}

const LOOKS: Readonly<Record<"docker" | "gvisor" | "qemu" | "firecracker" | "e2b", () => TierReport>> = {
  docker: () => {
    const isThere = statSync(ENGINE_SOCKET, { throwIfNoEntry: false })?.isSocket() === true;
    const problems = isThere ? [] : [`no engine listens at ${ENGINE_SOCKET}`];
    return untried("docker", problems, isThere ? [] : ["install docker.io and start its daemon"]);
  },
  gvisor: () => needs("gvisor", ["setpriv", "prlimit", "runsc"]),
  qemu: () => needs("qemu", ["setpriv", "prlimit", "qemu-system-x86_64"]),
  firecracker: () => {
    const isThere = findTool("firecracker") !== undefined;
    const problems = isThere ? [] : ["firecracker is not installed"];
    return untried(
      "firecracker",
      problems,
      isThere ? [] : ["install firecracker and its jailer; they need KVM"],
    );
  },
  e2b: () => {
    const isThere = isInstalled("e2b");
    const problems = isThere ? [] : ["the package e2b is not installed"];
    return untried("e2b", problems, isThere ? [] : ["install the package e2b, and have an account there"]);
  },
};

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function needs(tier: TierName, tools: readonly ToolName[]): TierReport {
  const { missing } = findTools(tools);
  const problems = missing.map((name) => `${name} is not installed`);
  return untried(tier, problems, installAdvice(missing));
}

/** What has not been tried is not available, whatever is installed. */
function untried(tier: TierName, problems: readonly string[], advice: readonly string[]): TierReport {
  return {
    tier,
    available: false,
    problems: [...problems, "not tried: no such tier was given"],
    advice: [...advice, `give doctor a ${tier}Tier with what it is to run in`],
  };
}
