import type { DecisionPoint, DecisionRequest } from "@symbiont/kit";
import { compilePolicies, createDecisionPoint, parsePolicies } from "@symbiont/policy";
import { describe, expect, expectTypeOf, test } from "vitest";

const point = (source: string, options = {}) =>
  createDecisionPoint(compilePolicies([parsePolicies(source)]), options);

const request = (overrides: Partial<DecisionRequest> = {}): DecisionRequest => ({
  principal: { kind: "agent", id: "worker", roles: ["editor"], attributes: { team: "a" } },
  action: "read",
  resource: { kind: "file", id: "/srv/a" },
  context: {},
  ...overrides,
});

describe("createDecisionPoint", () => {
  test("fulfils the port", () => {
    expectTypeOf(point("")).toExtend<DecisionPoint>();
    expect(point("policy p { allow: read }").decide(request())).toMatchObject({
      effect: "allow",
      code: "allow.rule",
      rules: ["p#0"],
      engine: "symbi",
      policySet: expect.stringMatching(/^sha256:/),
    });
  });

  test("binds the resource id, or the subjects of the context, to the parameters of a target", () => {
    const rules = point('policy p { allow: read(file) if file == "/srv/a" || file.path == "/srv/b" }');
    expect(rules.decide(request()).effect).toBe("allow");
    expect(rules.decide(request({ context: { subjects: [{ path: "/srv/b" }] } })).effect).toBe("allow");
    expect(rules.decide(request({ context: { subjects: ["/etc"] } })).effect).toBe("deny");
  });

  test.each([
    ['principal.id == "worker" && principal.kind == "agent"', true],
    ['agent.id == "worker"', true],
    ['"editor" in principal.roles', true],
    ['principal.attributes.team == "a"', true],
    ['resource.kind == "file" && resource.id == "/srv/a"', true],
    ['user.role == "viewer" && context.user.role == "viewer"', true],
  ])("shows rules that %s", (condition, expected) => {
    const decision = point(`policy p { allow: read if ${condition} }`).decide(
      request({ context: { user: { role: "viewer" } } }),
    );
    expect(decision.effect === "allow").toBe(expected);
  });

  test("the context cannot stand in for the principal", () => {
    const rules = point('policy p { allow: read if principal.id == "root" || agent.id == "root" }');
    const context = { principal: { id: "root" }, agent: { id: "root" } };
    expect(rules.decide(request({ context })).effect).toBe("deny");
    const user = { kind: "user", id: "u" } as const;
    expect(rules.decide(request({ context, principal: user })).code).toBe("default.allow_guard_error");
  });

  test("only an agent principal is the agent of a block", () => {
    const rules = point("agent worker { policy p { allow: read } }");
    expect(rules.decide(request()).effect).toBe("allow");
    expect(rules.decide(request({ principal: { kind: "user", id: "worker" } })).effect).toBe("deny");
  });

  test("a channel of the context is the channel of a block", () => {
    const rules = point("channel ops { policy p { allow: read } }");
    expect(rules.decide(request({ context: { channel: "ops" } })).effect).toBe("allow");
    expect(rules.decide(request({ context: { channel: "chat" } })).effect).toBe("deny");
  });

  test("asks with the role, and is satisfied by assurances of the context and approvals of the request", () => {
    const rules = point('policy p { allow: read require: mfa require: approval("boss") }');
    const assurances = { mfa: true };
    expect(rules.decide(request()).code).toBe("require.unmet:mfa");
    expect(rules.decide(request({ context: { assurances } }))).toMatchObject({ effect: "ask", role: "boss" });
    expect(rules.decide(request({ context: { assurances }, approvals: ["boss"] })).effect).toBe("allow");
    expect(rules.decide(request({ context: { assurances, approvals: ["boss"] } })).effect).toBe("ask");
  });

  test("allows by default only what it is told to, and only where no rule speaks", () => {
    const rules = "policy p { allow: read if ghost deny: terminate }";
    const allowByDefault = ["respond", "terminate", "read"];
    const effect = (action: string) => point(rules, { allowByDefault }).decide(request({ action })).effect;
    expect(effect("respond")).toBe("allow");
    expect(effect("terminate")).toBe("deny");
    expect(effect("read")).toBe("deny");
    expect(effect("write")).toBe("deny");
    expect(point(rules).decide(request({ action: "respond" })).effect).toBe("deny");
  });

  test("denies whatever goes wrong", () => {
    const rules = point('policy p { allow: "*" }');
    const hostile = [
      null,
      {},
      request({ context: null as never }),
      request({ context: new Map() as never }),
      request({ principal: null as never }),
      request({ action: 1 as never }),
      request({ context: { subjects: "all" } }),
      request({ context: { assurances: 1 } }),
      {
        ...request(),
        get context(): never {
          throw new Error("x");
        },
      },
    ];
    for (const bad of hostile) {
      expect(rules.decide(bad as DecisionRequest)).toMatchObject({ effect: "deny", code: "engine.request" });
    }
    const broken = createDecisionPoint({
      evaluate: () => {
        throw new Error("x");
      },
    });
    expect(broken.decide(request())).toMatchObject({ effect: "deny", code: "engine.request" });
  });

  test("calls no getter of the context", () => {
    let called = false;
    const context = {
      get admin() {
        called = true;
        return true;
      },
    };
    expect(point("policy p { allow: read if admin }").decide(request({ context })).effect).toBe("deny");
    expect(called).toBe(false);
  });
});

test.each([
  ["a policy folder of which no set was chosen", { at: () => undefined }],
  ["nothing", undefined],
])("a decision point over %s is refused when it is made", (_what, policies) => {
  expect(() => createDecisionPoint(policies as never)).toThrow(TypeError);
});
