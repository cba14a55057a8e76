import type { Decision, DecisionRequest, Principal } from "@symbiont/kit";
import { createRuleList, DENIED, type ListedRule, type RuleListOptions, requireText } from "./rule-list.ts";

/** A job that is about to run. */
export interface ScheduledJob {
  readonly name: string;
  /** Ids of policies that the job was registered under. */
  readonly policyIds: readonly string[];
  readonly consecutiveFailures: number;
  readonly totalRuns: number;
  /** 1 is all processors busy. */
  readonly systemLoad: number;
}

/** When a rule about jobs applies. */
export type JobCondition =
  | { readonly type: "consecutive_failures"; readonly threshold: number }
  | { readonly type: "system_load_exceeds"; readonly threshold: number }
  | { readonly type: "job_name_matches"; readonly pattern: string }
  | { readonly type: "has_policy"; readonly policy_id: string }
  | { readonly type: "always" };

/**
 * A scheduled run as a request to a policy: the operation is `run_job`, the name its first subject, and `job` has the
 * rest. So `deny: run_job(name) if job.consecutive_failures >= 3` is a rule about runs.
 */
export function scheduleRequest(principal: Principal, job: ScheduledJob): DecisionRequest {
  return {
    principal,
    action: "run_job",
    resource: { kind: "job", id: job.name },
    context: {
      subjects: [job.name],
      job: {
        name: job.name,
        policy_ids: [...job.policyIds],
        consecutive_failures: job.consecutiveFailures,
        total_runs: job.totalRuns,
        system_load: job.systemLoad,
      },
    },
  };
}

/**
 * Decides about scheduled runs by rules that are data, as Symbiont keeps them: `consecutive_failures` from the
 * threshold on, `system_load_exceeds` above it, `job_name_matches` anywhere in the name.
 *
 * Differs from Symbiont: deny wins over priority, unless the order is `first_match`; a measure that is not a number
 * denies.
 * @throws RangeError for a rule that cannot be read; it is never skipped.
 */
export function createScheduleGate(
  rules: readonly ListedRule<JobCondition>[],
  options: RuleListOptions = {},
): (job: ScheduledJob) => Decision {
  const decide = createRuleList(rules, compile, options);
  return (job) => {
    const measures = [job.consecutiveFailures, job.totalRuns, job.systemLoad];
    return measures.every(Number.isFinite) ? decide(job) : NOT_MEASURED;
  };
}

const NOT_MEASURED: Decision = Object.freeze({
  ...DENIED,
  code: "engine.request",
  reason: "the policy could not be evaluated",
});

function compile(condition: JobCondition): (job: ScheduledJob) => boolean {
  switch (condition.type) {
    case "consecutive_failures": {
      const threshold = finite(condition.threshold);
      return ({ consecutiveFailures }) => consecutiveFailures >= threshold;
    }
    case "system_load_exceeds": {
      const threshold = finite(condition.threshold);
      return ({ systemLoad }) => systemLoad > threshold;
    }
    case "job_name_matches": {
      const pattern = requireText(condition.pattern);
      return ({ name }) => name.includes(pattern);
    }
    case "has_policy": {
      const id = requireText(condition.policy_id);
      return ({ policyIds }) => policyIds.includes(id);
    }
    case "always":
      return () => true;
    default:
      throw new RangeError("a condition about jobs is not known");
  }
}

function finite(threshold: number): number {
  if (!Number.isFinite(threshold)) throw new RangeError("a threshold of a rule about jobs is not a number");
  return threshold;
}
