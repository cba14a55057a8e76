import { compilePolicies, type PolicyRequest, parsePolicies } from "@symbiont/policy";
import { describe, expect, test } from "vitest";
import { decide } from "../decide.ts";
import { refusal } from "../parse/refusal.ts";

const set = (...sources: readonly string[]) =>
  compilePolicies(sources.map((source, index) => parsePolicies(source, { file: `${index}.symbi` })));

describe("a decision", () => {
  test("names the rules, the reason, the detail and the set", () => {
    const policies = set('policy p { allow: read allow: "*" }');
    expect(policies.evaluate({ op: "read" })).toEqual({
      effect: "allow",
      code: "allow.rule",
      rule: "p#0",
      rules: ["p#0", "p#1"],
      reason: "allowed by rule p#0",
      detail: "rule p#0 allows",
      obligations: [],
      policySet: policies.digest,
      engine: "symbi",
    });
  });

  test("says in its detail, and not in its reason, why a condition has no value", () => {
    const decision = decide("allow: read deny: read if user.banned", { scope: { user: {} } });
    expect(decision).toMatchObject({ effect: "deny", code: "deny.guard_error", rules: ["p#1"] });
    expect(decision.detail).toContain("banned is missing");
    expect(decision.reason).not.toContain("banned");
  });

  test("asks for the first role that is wanted, once something allows and all else is met", () => {
    const rules = 'require: approval("boss") require: approval("owner") require: mfa';
    const request = { assurances: { mfa: true } };
    expect(decide(`allow: read ${rules}`, request)).toMatchObject({
      effect: "ask",
      code: "require.approval:boss",
      role: "boss",
      rules: ["p#1", "p#2"],
    });
    expect(decide(`allow: read ${rules}`, { ...request, approvals: ["boss"] })).toMatchObject({
      effect: "ask",
      role: "owner",
    });
    expect(decide(`allow: read ${rules}`, { ...request, approvals: ["boss", "owner"] }).effect).toBe("allow");
    expect(decide(`allow: read ${rules}`)).toMatchObject({ effect: "deny", code: "require.unmet:mfa" });
    expect(decide(`allow: write ${rules}`, request)).toMatchObject({ effect: "deny", code: "default" });
  });

  test("a person's approval never lifts a deny", () => {
    const decision = decide('allow: read deny: read require: approval("boss")', { approvals: ["boss"] });
    expect(decision).toMatchObject({ effect: "deny", code: "deny.rule" });
  });

  test("an approval may stand among other conditions", () => {
    const rules = 'allow: read require: [user.trained, approval("boss")]';
    expect(decide(rules, { scope: { user: { trained: true } } })).toMatchObject({
      effect: "ask",
      role: "boss",
    });
    expect(decide(rules, { scope: { user: {} } })).toMatchObject({ effect: "deny", code: "require.unmet" });
  });

  test("an index where two lists were meant allows nothing and denies everything", () => {
    expect(decide('allow: ["read"]\n["write"]').effect).toBe("deny");
    expect(decide('allow: read deny: ["a"]\n["b"]')).toMatchObject({
      effect: "deny",
      code: "deny.guard_error",
    });
  });

  test("a deny for a named subject applies when the request names none", () => {
    const rules = 'allow: invoke(any) deny: invoke("x")';
    expect(decide(rules, { op: "invoke", subjects: ["y"] }).effect).toBe("allow");
    expect(decide(rules, { op: "invoke", subjects: ["x"] }).code).toBe("deny.rule");
    expect(decide(rules, { op: "invoke" }).code).toBe("deny.guard_error");
  });

  test("a target matches by position, by subject or its id", () => {
    const rules = "allow: move(file, 2, true, 1h)";
    expect(decide(rules, { op: "move", subjects: ["f", 2, true] }).effect).toBe("deny");
    expect(
      decide("allow: move(file, 2, true)", { op: "move", subjects: ["f", { id: 2 }, true] }).effect,
    ).toBe("allow");
    expect(decide("allow: move(file, 2)", { op: "move", subjects: ["f", [2]] }).effect).toBe("deny");
  });

  test("blocks of an agent or channel concern it alone", () => {
    const policies = set(
      'agent a { policy p { allow: read deny: write } } channel c { policy q { require: approval("x") } } policy r { allow: write }',
    );
    const effect = (request: PolicyRequest) => policies.evaluate(request).effect;
    expect(effect({ op: "read", agent: "a" })).toBe("allow");
    expect(effect({ op: "read", agent: "b" })).toBe("deny");
    expect(effect({ op: "read" })).toBe("deny");
    expect(effect({ op: "write", agent: "b" })).toBe("allow");
    expect(effect({ op: "write", agent: "a" })).toBe("deny");
    expect(effect({ op: "write", channel: "c" })).toBe("ask");
    expect(effect({ op: "write", agent: "c" })).toBe("allow");
  });

  test("audit rules oblige and never decide", () => {
    const rules = `allow: read
      audit: { log_level: "info", retention_days: 90, tags: ["a", { b: 1h }], unknown: ghost }
      audit: all_operations if user.risky
      audit: [all_reads, "all_writes"] if true
      audit: trace(x)
      audit: nothing if false`;
    const decision = decide(rules);
    expect(decision.effect).toBe("allow");
    expect(decision.obligations).toEqual([
      {
        rule: "p#1",
        settings: { log_level: "info", retention_days: 90, tags: ["a", { b: 3_600_000 }], unknown: null },
      },
      { rule: "p#2", settings: { all_operations: true } },
      { rule: "p#3", settings: { all_reads: true, all_writes: true } },
      { rule: "p#4", settings: { trace: true } },
    ]);
    expect(decide("audit: all", { op: "write" })).toMatchObject({
      effect: "deny",
      obligations: [{ rule: "p#0" }],
    });
  });
});

describe("rule ids", () => {
  test("are unique: blocks of one name are numbered through, files that share a name are named", () => {
    const one = set("policy p { allow: a allow: b } policy q { allow: c } policy p { allow: d }");
    const rules = ["a", "b", "c", "d"].map((op) => one.evaluate({ op }).rule);
    expect(rules).toEqual(["p#0", "p#1", "q#0", "p#2"]);
    const two = set("policy p { allow: a }", "policy p { allow: b } policy q { allow: c }");
    expect(["a", "b", "c"].map((op) => two.evaluate({ op }).rule)).toEqual([
      "0.symbi:p#0",
      "1.symbi:p#0",
      "q#0",
    ]);
  });
});

describe("the digest", () => {
  test("depends on the names and the text of the files, not on their order", () => {
    const a = parsePolicies("policy a { }", { file: "a" });
    const b = parsePolicies("policy b { }", { file: "b" });
    const digest = compilePolicies([a, b]).digest;
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(compilePolicies([b, a]).digest).toBe(digest);
    expect(compilePolicies([a]).digest).not.toBe(digest);
    expect(compilePolicies([parsePolicies("policy a { }", { file: "c" }), b]).digest).not.toBe(digest);
    expect(compilePolicies([parsePolicies("policy a {  }", { file: "a" }), b]).digest).not.toBe(digest);
  });

  test("cannot be made equal by moving text between name and source", () => {
    const ab = compilePolicies([parsePolicies("", { file: 'a","' })]).digest;
    expect(compilePolicies([parsePolicies("", { file: "a" })]).digest).not.toBe(ab);
  });
});

describe("compilePolicies", () => {
  test.each([
    ["a record as target", "allow: { a: 1 }"],
    ["a type literal as target", "deny: T { a: 1 }"],
    ["a type literal as requirement", "require: T { a: 1 }"],
    ["a condition as target", "allow: a == b"],
    ["a number as target", "allow: 1"],
    ["a lambda as target", "allow: x => x"],
    ["a member as operation", "allow: a.b(c)"],
    ["an expression as parameter", "deny: store(transaction.details)"],
    ["a named parameter", "allow: a(b = 1)"],
    ["a parameter twice", "allow: a(b, b)"],
    ["a list in a list of operations", 'allow: [["a"]]'],
    ["a key twice in a record", "require: { a: true, a: false }"],
    ["a key twice deep in a condition", "allow: a if b == [{ c: 1, c: 2 }]"],
    ["a member of a number", "allow: a if b > 500.milliseconds"],
    ["approval without a role", "require: approval()"],
    ["approval of something that is no text", "require: approval(boss)"],
  ])("refuses %s", (_, rule) => {
    const error = refusal(() => decide(rule));
    expect(error.code).toBe("POLICY_INVALID");
    expect(error.diagnostics[0]).toMatchObject({ file: "policy.symbi", line: 2 });
  });

  test("refuses two files of one name", () => {
    expect(() => compilePolicies([parsePolicies(""), parsePolicies("")])).toThrow(RangeError);
  });
});

describe("explain", () => {
  test("says of every rule what became of it, in the order of the text", () => {
    const policies = set(`policy p {
      allow: read if user.ok
      allow: read if ghost.ok
      deny: read if user.bad
      deny: write
      require: mfa
      require: { level: 3 }
      require: approval("boss")
      require: other if user.bad
      audit: all
    }
    agent x { policy q { allow: read } }`);
    const { decision, rules } = policies.explain({
      op: "read",
      scope: { user: { ok: true, bad: false } },
      assurances: { mfa: true },
    });
    expect(decision.code).toBe("require.unmet:level");
    expect(rules.map(({ rule, outcome, reason }) => [rule, outcome, reason])).toEqual([
      ["p#0", "fired", undefined],
      ["p#1", "guard_error", "the name ghost is not known"],
      ["p#2", "guard_false", undefined],
      ["p#3", "other_operation", undefined],
      ["p#4", "met", undefined],
      ["p#5", "unmet", "level"],
      ["p#6", "approval_needed", "boss"],
      ["p#7", "guard_false", undefined],
      ["p#8", "fired", undefined],
      ["q#0", "other_container", undefined],
    ]);
    expect(rules[3]).toMatchObject({ action: "deny", file: "0.symbi", line: 5, column: 7 });
  });
});
