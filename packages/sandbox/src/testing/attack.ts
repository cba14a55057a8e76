import type { RunResult } from "../run/run-result.ts";
import type { RunOptions, Sandbox } from "../sandbox.ts";
import type { TierName } from "../tiers/tier.ts";

/** A program that tries to get out, to stay, or to use up what is not its own. */
export interface Attack {
  /** What it tries, as a sentence about the sandbox that holds. */
  readonly title: string;
  /** For `/bin/sh`, or for Python where there is one in the sandbox. */
  readonly language: "sh" | "python3";
  readonly code: string;
  readonly options?: RunOptions;
  /** Sets up what it needs of the host; what it gives is run with, beside `options`. Default nothing. */
  readonly prepare?: () => Promise<AttackSetting>;
  /** What must be true of the outcome: undefined, or what is wrong with it. */
  readonly judge: (result: RunResult) => string | undefined;
  /** What a tier must enforce for it to make sense; one that cannot refuses the policy. Default nothing. */
  readonly needs?: "networkAllow";
  /** Tiers that do not claim to hold it. Default none. */
  readonly notIn?: readonly TierName[];
}

/** What a host has ready for an attack. */
export interface AttackSetting {
  readonly options: RunOptions;
  /** What must be true afterwards, beside the outcome: undefined, or what is wrong. */
  readonly judge?: () => string | undefined;
  close(): Promise<void>;
}

/**
 * Runs an attack.
 * @param interpreters where its languages are in the sandbox.
 * @returns undefined, or what did not hold.
 */
export async function runAttack(
  sandbox: Sandbox,
  { language, code, options, prepare, judge }: Attack,
  interpreters: Readonly<Record<Attack["language"], string>>,
): Promise<string | undefined> {
  const setting = await prepare?.();
  try {
    const all = { ...options, ...setting?.options };
    const result = await sandbox.run({ ...all, interpreter: interpreters[language], code });
    if (result.survivors > 0) return `${result.survivors} survivors`;
    return judge(result) ?? setting?.judge?.();
  } finally {
    await setting?.close();
  }
}

/** Whether the guest wrote exactly this. */
export function says(expected: string): Attack["judge"] {
  return ({ stdout, stderr }) => {
    const said = stdout.text().trim();
    return said === expected
      ? undefined
      : `it said ${JSON.stringify(said)}, ${JSON.stringify(stderr.text())}`;
  };
}

/** Whether it ended like this. */
export function ends(...statuses: readonly RunResult["status"][]): Attack["judge"] {
  return ({ status, exitCode }) =>
    statuses.includes(status) ? undefined : `it ended as ${status} with ${String(exitCode)}`;
}

/** Whether all of it is true. */
export function both(...judges: readonly Attack["judge"][]): Attack["judge"] {
  return (result) => judges.map((judge) => judge(result)).find((problem) => problem !== undefined);
}
