import { Duration } from "@symbiont/policy";
import { describe, expect, test } from "vitest";
import { decide, judge } from "../decide.ts";

describe("conditions", () => {
  test.each<[string, boolean | "error"]>([
    ["1 + 2 * 3 == 7", true],
    ["10 - 2 - 3 == 5", true],
    ["7 % 4 == 3", true],
    ["1 / 0 == 1", "error"],
    ["1 % 0 == 1", "error"],
    ['"a" + "b" == "ab"', "error"],
    ["-1 < 0", true],
    ["-(1h) < 0s", true],
    ["1h + 30m == 90m", true],
    ["1h * 2 == 2h", "error"],
    ["1d == 24h", true],
    ["1w == 7d", true],
    ["1months == 30d", true],
    ["1y == 365d", true],
    ['"1h" == 1h', false],
    ["not true == false", true],
    ["not 1", "error"],
    ["-true == 1", "error"],
    ["[1, 2] == [1, 2.0]", true],
    ["[1, 2] == [2, 1]", false],
    ["{ a: 1, b: [2] } == { b: [2], a: 1 }", true],
    ["{ a: 1 } == { a: 1, b: 2 }", false],
    ["[1][0] == 1", true],
    ["[1][1] == 1", "error"],
    ["[1][0.5] == 1", "error"],
    ["[1][-1] == 1", "error"],
    ['{ a: 1 }["a"] == 1', true],
    ['{ a: 1 }["b"] == 1', "error"],
    ["{ a: 1 }.a == 1", true],
    ["if true { 1 == 1 } else { missing }", true],
    ["if false { missing } else { 1 == 2 }", false],
    ["if true { } else { true }", "error"],
    ["if 1 { true } else { true }", "error"],
    ["vault://a/b == vault://a/b", "error"],
    ["(x => true)", "error"],
    ["T { a: 1 } == T { a: 1 }", "error"],
    ["null == null", "error"],
    ["true || 1", true],
    ["1 || true", true],
    ["false || 1", "error"],
    ["false && 1", false],
    ["1 && false", false],
    ["1 in [1, 2]", true],
    ['"a" in "abc"', "error"],
    ["1 in { a: 1 }", "error"],
    ['"x" < "y"', "error"],
    ["true < false", "error"],
    ["1 < 1h", "error"],
  ])("%s is %s", (condition, expected) => {
    expect(judge(condition)).toBe(expected);
  });

  test.each<[string, boolean | "error"]>([
    ['"abc".contains("b")', true],
    ['contains("abc", "b")', true],
    ["[1, 2].contains(2)", true],
    ["[1, 2].contains(2, 3)", "error"],
    ['"abc".contains(1)', "error"],
    ["1h.contains(1)", "error"],
    ['"abc".starts_with("ab") && "abc".ends_with("bc")', true],
    ['"abc".length == 3 && "abc".length() == 3 && length("abc") == 3', true],
    ["[1, 2, 3].length == 3", true],
    ["[1, 2].map(x => x + 1) == [2, 3]", true],
    ["map([1], x => [2].map(y => x + y)) == [[3]]", true],
    ["[1, 2].any(x => x > 1)", true],
    ["[1, 2].exists(x => x > 2)", false],
    ["any([], x => true)", false],
    ["all([], x => false)", true],
    ["[1, 2].all(x => x > 0)", true],
    ['["a", 1].any(x => x > 0)', true],
    ['["a", 0].any(x => x > 0)', "error"],
    ['["a", 0].all(x => x > 0)', false],
    ["[1].any(x => 1)", "error"],
    ["[1].any(true)", "error"],
    ["[1].map(x = 1)", "error"],
    ['"abc".any(x => true)', "error"],
    ["nobody(1)", "error"],
    ["1h()", "error"],
    ["exists(user)", true],
    ["exists(user.role)", true],
    ["exists(user.ghost)", false],
    ["exists(ghost.role)", false],
    ["exists(user.role.deeper)", "error"],
    ["not exists(user.ghost) || user.ghost == 1", true],
  ])("%s is %s", (condition, expected) => {
    expect(judge(condition, { user: { role: "x" } })).toBe(expected);
  });

  test("a lambda parameter hides a name only inside the lambda", () => {
    expect(judge("[2].any(x => x == 2) && x == 1", { x: 1 })).toBe(true);
  });

  test("a target parameter is the subject, and falls back to the name in the scope without one", () => {
    const rule = "allow: read(file) if file.id == 1";
    const scope = { file: { id: 2 } };
    expect(decide(rule, { subjects: [{ id: 1 }], scope }).effect).toBe("allow");
    expect(decide(rule, { subjects: [{ id: 3 }], scope: { file: { id: 1 } } }).effect).toBe("deny");
    expect(decide(rule, { scope: { file: { id: 1 } } }).effect).toBe("allow");
  });

  test("Maps and durations from the host take part", () => {
    const scope = { user: new Map([["age", new Duration(3_600_000)]]) };
    expect(judge("user.age < 2h && user.age == 1h", scope)).toBe(true);
    expect(() => new Duration(Number.NaN)).toThrow(RangeError);
  });

  test("text is ordered only where the host says how", () => {
    const orderedEnums = { "user.clearance": ["public", "internal", "secret"] };
    const secret = { user: { clearance: "secret", other: "secret" } };
    expect(judge('user.clearance >= "internal"', secret)).toBe("error");
    expect(judge('user.clearance >= "internal"', secret, { orderedEnums })).toBe(true);
    expect(judge('"internal" < user.clearance', secret, { orderedEnums })).toBe(true);
    expect(judge('user.clearance >= "Internal"', secret, { orderedEnums })).toBe("error");
    expect(judge('user.other >= "internal"', secret, { orderedEnums })).toBe("error");
    expect(
      judge('user.clearance >= "internal"', { user: { clearance: "unclassified" } }, { orderedEnums }),
    ).toBe("error");
    const two = { ...orderedEnums, "data.level": ["low", "high"] };
    expect(
      judge("user.clearance >= data.level", { ...secret, data: { level: "low" } }, { orderedEnums: two }),
    ).toBe("error");
  });
});

describe("functions of the host", () => {
  const functions = {
    is_weekend: { arity: 1, call: (day: string) => day === "saturday" },
    broken: {
      arity: 0,
      call: () => {
        throw new Error("secret");
      },
    },
    later: { arity: 0, call: async () => true },
    wrong: { arity: 0, call: () => undefined },
  };

  test("are called by name or as a method, with exactly their arguments", () => {
    expect(judge("is_weekend(day)", { day: "saturday" }, { functions })).toBe(true);
    expect(judge("day.is_weekend()", { day: "sunday" }, { functions })).toBe(false);
    expect(judge("is_weekend()", {}, { functions })).toBe("error");
    expect(judge("is_weekend(ghost)", {}, { functions })).toBe("error");
  });

  test("that throw, promise or return no data make the condition fail", () => {
    for (const name of ["broken", "later", "wrong"]) {
      expect(judge(`${name}()`, {}, { functions })).toBe("error");
      const denied = decide(`allow: read deny: read if ${name}()`, {}, { functions });
      expect(denied).toMatchObject({ effect: "deny", code: "deny.guard_error" });
      expect(JSON.stringify(denied)).not.toContain("secret");
    }
  });

  test("cannot replace what is built in, and must be declared fully", () => {
    const call = () => true;
    expect(() => decide("", {}, { functions: { contains: { arity: 2, call } } })).toThrow(RangeError);
    expect(() => decide("", {}, { functions: { approval: { arity: 1, call } } })).toThrow(RangeError);
    expect(() => decide("", {}, { functions: { f: { arity: -1, call } } })).toThrow(TypeError);
    expect(() => decide("", {}, { orderedEnums: { a: ["x", "x"] } })).toThrow(RangeError);
  });
});
