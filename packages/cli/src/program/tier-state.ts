import type { TierReport } from "@symbiont/sandbox";

/** A sandbox tier as a user of the program meets it. */
export interface TierState {
  readonly state: "works" | "untried" | "missing";
  /** In one line. */
  readonly says: string;
  readonly fix?: string;
}

const NEEDS: Readonly<Record<string, readonly [what: string, how: string]>> = {
  docker: ["an image", "symbiont sandbox run --tier docker --image NAME -- true"],
  gvisor: ["a root file system or an image", "symbiont sandbox run --tier gvisor --rootfs FOLDER -- true"],
  qemu: [
    "a kernel and the image of a machine",
    "symbiont sandbox run --tier qemu --kernel FILE --initrd FILE -- true",
  ],
  e2b: ["an account there", 'name it in a configuration, "sandbox": { "tier": "e2b", "template": NAME }'],
};
const A_MACHINE = ["a kernel and the image of a machine", "programs give them to @symbiont/sandbox"] as const;

/**
 * Reads the report of a tier. What `doctor` of `@symbiont/sandbox` says to programs about tiers that it was not given is
 * said to people instead.
 */
export function tierState({ tier, available, problems, advice }: TierReport): TierState {
  if (available) return { state: "works", says: `tier ${tier} works: commands are isolated` };
  const missing = problems.filter((problem) => !problem.startsWith("not tried"));
  if (missing.length > 0) {
    const fix = advice.filter((hint) => !hint.startsWith("give doctor")).join("; ");
    const says = `tier ${tier} does not work here: ${missing.join("; ")}`;
    return { state: "missing", says, ...(fix !== "" && { fix }) };
  }
  const [what, how] = NEEDS[tier] ?? A_MACHINE;
  return { state: "untried", says: `tier ${tier} was not tried: it needs ${what}`, fix: how };
}
