import { createDecisionPoint, PolicyHolder } from "@symbiont/policy";
import { describe, expect, test } from "vitest";
import { refusal } from "../parse/refusal.ts";

const good = [{ file: "a.symbi", source: "policy p { allow: read }" }];
const bad = [...good, { file: "b.symbi", source: "policy q { deny: read without approval }" }];

describe("PolicyHolder", () => {
  test("denies everything until there is a sound set", () => {
    const holder = new PolicyHolder();
    expect(holder.evaluate({ op: "read" })).toMatchObject({ effect: "deny", code: "policy.parse" });
    expect(refusal(() => holder.swap(bad)).code).toBe("POLICY_SYNTAX");
    expect(holder.current).toBeUndefined();
    expect(holder.evaluate({ op: "read" })).toMatchObject({
      effect: "deny",
      code: "policy.parse",
      rules: [],
    });
    const { digest } = holder.swap(good);
    expect(holder.evaluate({ op: "read" })).toMatchObject({ effect: "allow", policySet: digest });
  });

  test("keeps the set in force when a new one is refused, and says so", () => {
    const refused: unknown[] = [];
    const holder = new PolicyHolder({ onRefused: (error) => refused.push(error) });
    const set = holder.swap(good);
    const error = refusal(() => holder.swap(bad));
    expect(error.diagnostics[0]?.file).toBe("b.symbi");
    expect(holder.error).toBe(error);
    expect(refused).toEqual([error]);
    expect(holder.current).toBe(set);
    expect(holder.evaluate({ op: "read" }).effect).toBe("allow");
    holder.swap([{ file: "a.symbi", source: "policy p { deny: read }" }]);
    expect(holder.error).toBeUndefined();
    expect(holder.evaluate({ op: "read" }).effect).toBe("deny");
  });

  test("keeps it as well when a rule has no meaning or a name stands twice", () => {
    const holder = new PolicyHolder();
    holder.swap(good);
    expect(refusal(() => holder.swap([{ file: "a", source: "policy p { allow: 1 }" }])).code).toBe(
      "POLICY_INVALID",
    );
    expect(() => holder.swap([...good, ...good])).toThrow(RangeError);
    expect(holder.evaluate({ op: "read" }).effect).toBe("allow");
  });

  test("a listener that throws changes nothing", () => {
    const holder = new PolicyHolder({
      onRefused: () => {
        throw new Error("listener");
      },
    });
    expect(refusal(() => holder.swap(bad)).code).toBe("POLICY_SYNTAX");
  });

  test("stands behind a decision point, which then follows every swap", () => {
    const holder = new PolicyHolder();
    const point = createDecisionPoint(holder, { allowByDefault: ["read"] });
    const request = {
      principal: { kind: "agent", id: "a" },
      action: "read",
      resource: { kind: "file", id: "x" },
      context: {},
    } as const;
    expect(point.decide(request)).toMatchObject({ effect: "deny", code: "policy.parse" });
    holder.swap(good);
    expect(point.decide(request).effect).toBe("allow");
  });
});
