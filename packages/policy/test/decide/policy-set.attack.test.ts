import { compilePolicies, type PolicyRequest, parsePolicies } from "@symbiont/policy";
import { describe, expect, test } from "vitest";
import { decide, judge } from "../decide.ts";

describe("hostile data in a request", () => {
  test("getters are never called and count as an error", () => {
    let called = false;
    const user = {
      get admin() {
        called = true;
        return true;
      },
    };
    const list: unknown[] = [];
    Object.defineProperty(list, 0, { enumerable: true, get: () => ((called = true), "x") });
    expect(judge("user.admin", { user })).toBe("error");
    expect(judge('"x" in list', { list })).toBe("error");
    expect(judge("user == { admin: true }", { user })).toBe("error");
    expect(decide("allow: read deny: read if user.admin", { scope: { user } }).code).toBe("deny.guard_error");
    expect(called).toBe(false);
  });

  test.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"])(
    "%s is not reachable by member, index or as a root",
    (name) => {
      const scope = { a: {}, list: [1], text: "x" };
      for (const path of [
        `a.${name}`,
        `a["${name}"]`,
        `list.${name}`,
        `text.${name}`,
        name,
        `[1].map(x => a).${name}`,
      ]) {
        expect(judge(`${path} == ${path}`, scope), path).toBe("error");
        expect(judge(`${path} != 1`, scope), path).toBe("error");
      }
    },
  );

  test("a member named __proto__ in parsed JSON is not reachable either", () => {
    expect(judge("a.__proto__.admin", { a: JSON.parse('{"__proto__":{"admin":true}}') })).toBe("error");
  });

  test("inherited members are invisible", () => {
    const user: unknown = Object.create({ admin: true });
    expect(judge("user.admin", { user })).toBe("error");
    expect(judge("user.admin", { user: { __proto__: { admin: true } } })).toBe("error");
  });

  test.each<[string, unknown]>([
    [
      "a class instance",
      new (class {
        admin = true;
      })(),
    ],
    ["a function", Object.assign(() => true, { admin: true })],
    ["a date", Object.assign(new Date(), { admin: true })],
    ["a boxed boolean", Object(true)],
    ["a subclass of Map", new (class extends Map<string, boolean> {})([["admin", true]])],
    ["a bigint", 1n],
    ["a symbol", Symbol("x")],
    ["undefined", undefined],
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
  ])("%s is no data", (_, user) => {
    expect(judge("user.admin", { user })).toBe("error");
    expect(judge("user == user", { user })).toBe("error");
    expect(judge("user != 1", { user })).toBe("error");
  });

  test("a Map cannot answer for itself", () => {
    const user = Object.assign(new Map([["admin", false]]), { has: () => true, get: () => true });
    expect(judge("user.admin", { user })).toBe(false);
  });

  test("a list cannot bring its own length or prototype", () => {
    class Sly extends Array<unknown> {}
    const list = Sly.from(["x"]);
    expect(judge('"x" in list', { list })).toBe("error");
    expect(judge("list.length == 1", { list })).toBe("error");
  });

  test("values that contain themselves are an error, not a hang", () => {
    const a: Record<string, unknown> = {};
    a["self"] = a;
    const b: Record<string, unknown> = {};
    b["self"] = b;
    expect(judge("a == b", { a, b })).toBe("error");
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["no operation", {}],
    ["an operation that is no text", { op: { toString: () => "read" } }],
    ["subjects that are no list", { op: "read", subjects: { 0: "x" } }],
    ["approvals that are no list", { op: "read", approvals: "boss" }],
    ["a scope that is no object", { op: "read", scope: "x" }],
    [
      "a scope with a class",
      {
        op: "read",
        scope: new (class {
          a = 1;
        })(),
      },
    ],
    ["assurances that are no object", { op: "read", assurances: [] }],
    [
      "a request that throws",
      {
        get op() {
          throw new Error("x");
        },
      },
    ],
  ])("%s as a request denies with engine.request", (_, request) => {
    const set = compilePolicies([parsePolicies('policy p { allow: "*" }')]);
    expect(set.evaluate(request as PolicyRequest)).toMatchObject({ effect: "deny", code: "engine.request" });
    expect(set.explain(request as PolicyRequest).rules).toEqual([]);
  });

  test("operation names are compared exactly", () => {
    const rules = "allow: read deny: write";
    for (const op of ["Read", " read", "read\u200b", "rеad", "", "*", "__proto__", "constructor"]) {
      expect(decide(rules, { op })).toMatchObject({ effect: "deny", code: "default" });
    }
  });
});

describe("the operation budget", () => {
  const long = Array.from({ length: 9000 }, (_, index) => index);

  test("lets a decision spend 10,000 operations", () => {
    expect(judge("8999 in list", { list: long })).toBe(true);
    expect(judge("8999 in list && 1 in list", { list: long })).toBe(true);
  });

  test("denies beyond, whatever else the rules say", () => {
    const twice = { scope: { list: long } };
    const rules = "allow: read if 8999 in list && 8999 in list";
    expect(decide(rules, twice)).toMatchObject({ effect: "deny", code: "deny.guard_error" });
    expect(decide(`${rules} allow: "*"`, twice)).toMatchObject({ effect: "deny", code: "deny.guard_error" });
    expect(decide("allow: read if true || 8999 in list || 8999 in list", twice).effect).toBe("allow");
    expect(decide("allow: read if 8999 in list && 8999 in list || true", twice).effect).toBe("deny");
  });

  test("stops nested lambdas early", () => {
    const condition = "l.all(a => l.all(b => l.all(c => l.all(d => true))))";
    expect(decide(`allow: read if ${condition}`, { scope: { l: long } }).effect).toBe("deny");
  });

  test("is not spent by audit rules", () => {
    const rules = "allow: read audit: all if 8999 in list && 8999 in list";
    const decision = decide(rules, { scope: { list: long } });
    expect(decision).toMatchObject({ effect: "allow", obligations: [{ rule: "p#1" }] });
  });
});

describe("a compiled set", () => {
  test("does not change when its files or options do", () => {
    const file = parsePolicies('policy p { allow: read require: { mode: "y" } }');
    const orderedEnums = { mode: ["x", "y", "z"] };
    const set = compilePolicies([file], { orderedEnums, comparators: { mode: "at_least" } });
    orderedEnums.mode.reverse();
    (file.policies as unknown[]).length = 0;
    const effect = (mode: string) => set.evaluate({ op: "read", assurances: { mode } }).effect;
    expect(["x", "y", "z"].map(effect)).toEqual(["deny", "allow", "allow"]);
  });

  test("gives each decision its own lists", () => {
    const set = compilePolicies([parsePolicies("policy p { allow: read audit: { tags: [1] } }")]);
    const first = set.evaluate({ op: "read" });
    (first.rules as string[]).push("x");
    (first.obligations[0] as unknown as { settings: { tags: number[] } }).settings.tags.push(2);
    expect(set.evaluate({ op: "read" })).toMatchObject({
      rules: ["p#0"],
      obligations: [{ settings: { tags: [1] } }],
    });
    const denied = set.evaluate({ op: "write" });
    expect(() => (denied.rules as string[]).push("x")).toThrow(TypeError);
  });
});
