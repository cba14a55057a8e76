import type { Decision, DecisionPoint, DecisionRequest } from "@symbiont/kit";
import { combineDecisions, compilePolicies, createDecisionPoint, parsePolicies } from "@symbiont/policy";
import { CedarEngine } from "@symbiont/policy/cedar";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const REQUEST: DecisionRequest = {
  principal: { kind: "agent", id: "worker" },
  action: "read",
  resource: { kind: "tool", id: "read" },
  context: {},
};
const decision = (effect: Decision["effect"], code = `${effect}.x`, rule = "r"): Decision => ({
  effect,
  code,
  reason: "",
  rules: [rule],
  ...(effect === "ask" ? { role: "boss" } : {}),
});
const now = (answer: Decision): DecisionPoint => ({ decide: () => answer });
const later = (answer: Decision): DecisionPoint => ({ decide: async () => answer });
const engines = (...points: DecisionPoint[]) => points.map((point, index) => ({ name: `e${index}`, point }));

describe("combineDecisions", () => {
  test("one deny denies, one ask asks, and all must allow, in whatever order and however fast", async () => {
    const rank = { deny: 0, ask: 1, allow: 2 };
    const effect = fc.constantFrom<Decision["effect"]>("allow", "deny", "ask");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(effect, fc.boolean()), { minLength: 1, maxLength: 5 }),
        async (answers) => {
          const points = answers.map(([each, isSync]) => (isSync ? now : later)(decision(each)));
          const expected = answers.map(([each]) => each).sort((a, b) => rank[a] - rank[b])[0];
          expect((await combineDecisions(engines(...points)).decide(REQUEST)).effect).toBe(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("answers at once when all do, and names the engines in front of their rules", () => {
    const combined = combineDecisions(
      engines(now(decision("allow", "a", "r1")), now(decision("allow", "b", "r2"))),
    );
    expect(combined.decide(REQUEST)).toMatchObject({
      effect: "allow",
      rules: ["e0:r1", "e1:r2"],
      engine: "e0",
    });
    const denied = combineDecisions(engines(now(decision("allow")), now(decision("deny", "b", "r2"))));
    expect(denied.decide(REQUEST)).toMatchObject({
      effect: "deny",
      code: "b",
      rules: ["e1:r2"],
      engine: "e1",
    });
  });

  test.each<[string, DecisionPoint, string]>([
    [
      "throws",
      {
        decide: () => {
          throw new Error("x");
        },
      },
      "engine.unavailable",
    ],
    ["rejects", { decide: async () => Promise.reject(new Error("x")) }, "engine.unavailable"],
    ["never answers", { decide: async () => new Promise(() => undefined) }, "engine.timeout"],
    ["answers nothing", now(undefined as never), "engine.unavailable"],
    ["answers nothing later", later(undefined as never), "engine.unavailable"],
    ["answers another effect", now(decision("permit" as never)), "engine.protocol"],
  ])("an engine that %s denies", async (_, broken, code) => {
    for (const order of [engines(broken, now(decision("allow"))), engines(now(decision("allow")), broken)]) {
      const answer = await combineDecisions(order, { timeoutMs: 10 }).decide(REQUEST);
      expect(answer).toMatchObject({ effect: "deny", code });
    }
  });

  test("an engine may have no say where none of its rules speak, but somebody must", () => {
    const silent = { name: "silent", point: now(decision("deny", "default")), abstains: true };
    const denying = { name: "denying", point: now(decision("deny", "deny.rule")), abstains: true };
    const allowing = { name: "allowing", point: now(decision("allow")) };
    const effect = (...list: (typeof silent | typeof allowing)[]) =>
      (combineDecisions(list).decide(REQUEST) as Decision).effect;
    expect(effect(silent, allowing)).toBe("allow");
    expect(effect(silent)).toBe("deny");
    expect(effect(denying, allowing)).toBe("deny");
    expect(effect({ ...silent, abstains: false }, allowing)).toBe("deny");
  });

  test("no engine, and two of one name, are refused", () => {
    expect(() => combineDecisions([])).toThrow(RangeError);
    const one = { name: "a", point: now(decision("allow")) };
    expect(() => combineDecisions([one, one])).toThrow(RangeError);
  });

  test("Cedar beside our own rules: either can deny", async () => {
    const own = (rules: string) =>
      createDecisionPoint(compilePolicies([parsePolicies(`policy p { ${rules} }`)]));
    const cedar = (source: string) => new CedarEngine({ policies: [{ file: "c", source }] });
    const permit = "permit(principal, action, resource);";
    const both = async (rules: string, source: string) =>
      (
        await combineDecisions([
          { name: "symbi", point: own(rules) },
          { name: "cedar", point: cedar(source) },
        ]).decide(REQUEST)
      ).code;
    expect(await both("allow: read", permit)).toBe("allow.rule");
    expect(await both("allow: read", "forbid(principal, action, resource);")).toBe("deny.policy");
    expect(await both("deny: read", permit)).toBe("deny.rule");
    expect(await both("allow: read", "broken")).toBe("policy.parse");
  });
});
