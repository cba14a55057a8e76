import assert from "node:assert/strict";
import { compilePolicies, createDecisionPoint, parsePolicies } from "@symbiont/policy";
import { createCommunicationGate, createScheduleGate } from "@symbiont/policy/gates";

type Check = (name: string, run: () => void) => void;

/** The gates of the file, each with the results of the reference and the order that gives them. */
export function checkGateCases(data: any, check: Check): void {
  for (const vector of data.communication.cases)
    check(`communication: ${vector.name}`, () => checkMessage(vector));
  for (const vector of data.schedule.cases) check(`schedule: ${vector.name}`, () => checkJob(vector));
  for (const { action, expect } of data.fallback.cases)
    check(`fallback: ${action}`, () => {
      const point = createDecisionPoint(compilePolicies([]), { allowByDefault: ["respond", "terminate"] });
      assert.equal(point.decide(request(action)).effect, expect);
    });
  for (const { allowed, action, name, expect } of data.fallback.toolFilter)
    check(`tool filter: ${action} ${name}`, () => {
      const names = allowed.map((each: string) => JSON.stringify(each)).join(", ");
      const point = createDecisionPoint(compilePolicies([parsePolicies(`policy p { allow: [${names}] }`)]));
      // The reference lets everything pass that is not a tool; here delegation is gated like the rest.
      const expected = action === "tool_call" ? expect : "deny";
      assert.equal(point.decide(request(name)).effect, expected);
    });
}

function request(action: string) {
  const principal = { kind: "agent", id: "a" } as const;
  return { principal, action, resource: { kind: "tool", id: action }, context: {} };
}

const options = (isAllowed: boolean) =>
  ({ order: "first_match", byDefault: isAllowed ? "allow" : "deny" }) as const;

function checkMessage({ rules, defaultAllow, request: message, expect }: any): void {
  const gate = createCommunicationGate(
    rules.map(({ id, when, effect, priority, reason }: any) => ({
      id,
      condition: when,
      priority,
      effect: effect === "deny" ? { action: "deny", reason } : { action: "allow" },
    })),
    options(defaultAllow),
  );
  const decision = gate(message);
  assert.deepEqual(
    { ok: decision.effect === "allow", rule: decision.rules[0] ?? null },
    { ok: expect.ok, rule: expect.rule },
  );
  // The reference writes the rule in front of its reason; here it stands beside.
  if (expect.rule !== null && !expect.ok)
    assert.equal(`[${decision.rules[0]}] ${decision.reason}`, expect.reason);
}

function checkJob({ rules, defaultAllow, job, context, expect }: any): void {
  const decision = createScheduleGate(
    rules,
    options(defaultAllow),
  )({
    name: job.name,
    policyIds: job.policy_ids,
    consecutiveFailures: context.consecutive_failures,
    totalRuns: context.total_runs,
    systemLoad: context.system_load,
  });
  const effects: Record<string, string> = { allow: "allow", deny: "deny", ask: "requires_approval" };
  assert.equal(effects[decision.effect], expect.decision);
  if (expect.approver !== undefined) assert.equal(decision.role, expect.approver);
  if (expect.policy_id === "default") assert.equal(decision.code, "default");
  else if (expect.policy_id !== undefined) {
    assert.deepEqual([decision.rules, decision.reason], [[expect.policy_id], expect.reason]);
  }
}
