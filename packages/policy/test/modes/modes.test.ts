import type { AuditRecord, Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import {
  compilePolicies,
  createDecisionPoint,
  enforceDecision,
  PolicyError,
  parsePolicies,
  shadowDecisions,
  simulateDecisions,
} from "@symbiont/policy";
import { describe, expect, test } from "vitest";

const point = (rules: string) =>
  createDecisionPoint(compilePolicies([parsePolicies(`policy p { ${rules} }`)]));
const request = (action: string): DecisionRequest => ({
  principal: { kind: "agent", id: "worker" },
  action,
  resource: { kind: "tool", id: action },
  context: {},
});
const throwing: DecisionPoint = {
  decide: () => {
    throw new Error("down");
  },
};
const answering = (answer: unknown): DecisionPoint => ({ decide: async () => answer as Decision });

describe("enforceDecision", () => {
  const rules = point('allow: read allow: send require: approval("boss") if context.x == 1 deny: wipe');

  test("lets an allow through and throws for everything else, with the decision", async () => {
    const allowed = await enforceDecision(point("allow: read"), request("read"));
    expect(allowed.code).toBe("allow.rule");
    const denied: unknown = await enforceDecision(rules, request("wipe")).catch((error: unknown) => error);
    expect(denied).toMatchObject({ code: "POLICY_DENIED", decision: { code: "deny.rule" }, diagnostics: [] });
    expect(PolicyError.is(denied) && denied.message).toBe("denied by rule p#3");
    await expect(enforceDecision(rules, request("send"))).rejects.toMatchObject({
      code: "POLICY_APPROVAL_NEEDED",
      decision: { role: "boss" },
    });
  });

  test.each<[string, DecisionPoint, string]>([
    ["throws", throwing, "engine.unavailable"],
    ["rejects", { decide: async () => Promise.reject(new Error("x")) }, "engine.unavailable"],
    ["answers nothing", answering(undefined), "engine.unavailable"],
    ["answers an unknown effect", answering({ effect: "yes", code: "x", rules: [] }), "engine.protocol"],
    ["answers without a code", answering({ effect: "allow", rules: [] }), "engine.protocol"],
  ])("denies when the decision point %s", async (_, broken, code) => {
    await expect(enforceDecision(broken, request("read"))).rejects.toMatchObject({
      code: "POLICY_DENIED",
      decision: { code },
    });
  });
});

describe("shadowDecisions", () => {
  test("enforces one and records where the other differs in effect", async () => {
    const records: AuditRecord[] = [];
    const differences: string[] = [];
    const audit = { append: async (record: AuditRecord) => ({ sequence: records.push(record) }) };
    const shadowed = shadowDecisions(point("allow: [read, list]"), point("allow: list deny: read"), {
      audit,
      onDifference: ({ request: { action }, candidate }) => differences.push(`${action} ${candidate.code}`),
    });
    expect((await shadowed.decide(request("read"))).effect).toBe("allow");
    expect((await shadowed.decide(request("list"))).effect).toBe("allow");
    await settle();
    expect(differences).toEqual(["read deny.rule"]);
    expect(records).toMatchObject([
      {
        type: "policy.shadow",
        action: "read",
        data: { enforced: { effect: "allow" }, candidate: { effect: "deny", rules: ["p#1"] } },
      },
    ]);
  });

  test.each<[string, DecisionPoint]>([
    ["throws", throwing],
    ["never answers", { decide: async () => new Promise(() => undefined) }],
    ["allows everything", answering({ effect: "allow", code: "x", rules: [], reason: "" })],
  ])("is what is enforced when the candidate %s", async (_, candidate) => {
    const rules = point("allow: read deny: wipe");
    const shadowed = shadowDecisions(rules, candidate, {
      audit: { append: async () => Promise.reject(new Error("full")) },
      onDifference: () => {
        throw new Error("a listener has no say");
      },
    });
    expect(await shadowed.decide(request("read"))).toEqual(rules.decide(request("read")));
    expect(await shadowed.decide(request("wipe"))).toEqual(rules.decide(request("wipe")));
    await settle();
  });

  test("runs the candidate only after the caller has gone on", async () => {
    const order: string[] = [];
    const noting = (name: string, answer: DecisionPoint): DecisionPoint => ({
      decide: (asked) => {
        order.push(name);
        return answer.decide(asked);
      },
    });
    const rules = point("allow: read");
    await shadowDecisions(noting("enforced", rules), noting("candidate", rules)).decide(request("read"));
    order.push("caller");
    await settle();
    expect(order).toEqual(["enforced", "caller", "candidate"]);
  });

  test("does not pile up requests for a candidate that never answers", async () => {
    let shown = 0;
    const silent: DecisionPoint = {
      decide: async () => {
        shown += 1;
        return new Promise(() => undefined);
      },
    };
    const shadowed = shadowDecisions(
      answering({ effect: "deny", code: "x", rules: [], reason: "" }),
      silent,
      {
        maxPending: 3,
      },
    );
    for (let count = 0; count < 10; count += 1) await shadowed.decide(request("read"));
    await settle();
    expect(shown).toBe(3);
  });
});

describe("simulateDecisions", () => {
  test("reports what a candidate would decide otherwise", async () => {
    const now = point("allow: [read, send]");
    const recorded = ["read", "send", "read", "wipe"].map((action) => ({
      request: request(action),
      decision: now.decide(request(action)),
    }));
    const report = await simulateDecisions(
      recorded,
      point('allow: "*" require: approval("boss") deny: send'),
    );
    expect(report).toMatchObject({
      total: 4,
      flipped: 4,
      transitions: { "allow -> ask": 2, "allow -> deny": 1, "deny -> ask": 1 },
    });
    expect(report.flips.map(({ index, after }) => [index, after.effect])).toEqual([
      [0, "ask"],
      [1, "deny"],
      [2, "ask"],
      [3, "ask"],
    ]);
    expect((await simulateDecisions(recorded, now)).flipped).toBe(0);
    expect((await simulateDecisions(recorded, throwing, { maxFlips: 1 })).flips).toHaveLength(1);
  });
});

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
