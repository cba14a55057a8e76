import { guestEnvironment } from "../policy/guest-environment.ts";
import { resolveLimits } from "../policy/limits.ts";
import { supervise } from "../run/supervise.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { Tier, TierReport } from "./tier.ts";

const WORD = "sandbox-probe";

/**
 * Finds out whether a tier works by running something in it: versions and features on paper prove nothing.
 *
 * @param problems known before anything is run; then nothing is.
 */
export async function probeTier(
  tier: Pick<Tier, "name" | "start">,
  problems: readonly string[],
  advice: readonly string[],
): Promise<TierReport> {
  const problem = problems.length > 0 ? undefined : await problemOf(tier);
  const all = problem === undefined ? problems : [...problems, problem];
  return { tier: tier.name, available: all.length === 0, problems: all, advice };
}

async function problemOf(tier: Pick<Tier, "start">): Promise<string | undefined> {
  const limits = resolveLimits({ wallMs: 10_000 });
  try {
    const command = { argv: ["/bin/echo", WORD], env: guestEnvironment(), limits, files: new Map() } as const;
    const { status, stdout } = await supervise(await tier.start(command), { limits });
    return status === "exited" && stdout.text().trim() === WORD ? undefined : `a test run ended as ${status}`;
  } catch (error) {
    if (SandboxError.is(error)) return error.message;
    throw error;
  }
}
