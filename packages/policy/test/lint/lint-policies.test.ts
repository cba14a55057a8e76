import { type LintPoliciesOptions, lintPolicies, parsePolicies } from "@symbiont/policy";
import { describe, expect, test } from "vitest";

const lint = (source: string, options: LintPoliciesOptions = {}) =>
  lintPolicies([parsePolicies(source.includes("policy ") ? source : `policy p {\n${source}\n}`)], options);
const ids = (source: string, options: LintPoliciesOptions = {}) => lint(source, options).map(({ id }) => id);

describe("lintPolicies", () => {
  test("has nothing to say about sound rules", () => {
    expect(
      ids('allow: [read, "write"] if user.level >= 3 && not (a == b) deny: read if user.banned'),
    ).toEqual([]);
  });

  test.each([
    [
      "a guarded deny of what nothing allows",
      "allow: read deny: restart(s) if not ok",
      ["dead_guarded_deny"],
    ],
    ["an allow under an unconditional deny", "allow: read if a deny: read", ["unreachable_allow"]],
    ["an allow under a deny of everything", 'allow: read if a deny: "*"', ["unreachable_allow"]],
    ["an allow of everything", 'allow: "*" if admin', ["wildcard_allow"]],
    ["not before a comparison", "allow: read if not a == b", ["not_before_comparison"]],
    ["! before in", "allow: read if !a in b", ["not_before_comparison"]],
    ["comparisons of comparisons", "allow: read if a in b == c", ["mixed_in_equality"]],
    ["a chain of orders", "allow: read if a < b == c < d", ["mixed_in_equality"]],
    ["an order of text", 'allow: read if user.clearance >= "secret"', ["string_ordering"]],
    ["months", "allow: read if age < 3months", ["month_or_year"]],
    ["years inside a lambda", "allow: read if ages.any(a => a > 1y)", ["month_or_year"]],
    ["a look-alike letter in an operation", 'allow: "rеad"', ["non_ascii_identifier"]],
  ])("finds %s", (_, source, expected) => {
    expect(ids(source)).toEqual(expected);
  });

  test.each([
    ["a guarded deny under an allow of everything", 'allow: "*" deny: restart if a', ["wildcard_allow"]],
    ["a deny of one subject", 'allow: invoke(tool) deny: invoke("x")', []],
    ["a guarded deny of everything", 'allow: read deny: "*" if a', []],
    [
      "a deny for another agent",
      "agent a { policy p { allow: read } } agent b { policy q { deny: read } }",
      [],
    ],
  ])("leaves alone %s", (_, source, expected) => {
    expect(ids(source)).toEqual(expected);
  });

  test.each<[string, string, LintPoliciesOptions, string[]]>([
    ["a condition that is always the same", "allow: read if 1 < 2", {}, ["constant_guard"]],
    ["a condition about data", "allow: read if [1].any(x => x == y)", {}, []],
    ["a function that nobody registered", "allow: read if is_late(now)", {}, ["unknown_function"]],
    ["a method that nobody registered", "allow: read if a.includes(b)", {}, ["unknown_function"]],
    ["a function that is registered", "allow: read if is_late(now)", { functions: ["is_late"] }, []],
    [
      "all built-in functions",
      'allow: read if exists(a) && a.all(x => x.length > 1 && x.contains("a"))',
      {},
      [],
    ],
    ["an operation that does not exist", "allow: raed", { operations: ["read"] }, ["unknown_operation"]],
    ["one in a list", 'allow: ["read", raed(f)]', { operations: ["read"] }, ["unknown_operation"]],
    ["everything as an operation", 'deny: "*" if a', { operations: ["read"] }, ["dead_guarded_deny"]],
    ["a name that nothing stands for", "allow: read if usr.level > 1", { roots: ["user"] }, ["unknown_root"]],
    [
      "parameters of targets and lambdas",
      "allow: read(f) if f.tags.any(t => t == user.id)",
      { roots: ["user"] },
      [],
    ],
    [
      "a parameter outside of its lambda",
      "allow: read if a.any(t => t) && t",
      { roots: ["a"] },
      ["unknown_root"],
    ],
    ["an assurance that nobody gives", "require: mfa", { assurances: [] }, ["unaffirmable_require"]],
    [
      "one in a record",
      "require: { mfa: true, tls: true }",
      { assurances: ["tls"] },
      ["unaffirmable_require"],
    ],
    [
      "an approval",
      'require: approval("boss") require: [approval("boss"), a]',
      { assurances: [], roots: ["a"] },
      [],
    ],
  ])("finds, or leaves alone, %s", (_, source, options, expected) => {
    expect(ids(source, options)).toEqual(expected);
  });

  test("knows ordered enums", () => {
    expect(
      ids('allow: read if user.clearance >= "secret"', { orderedEnums: { "user.clearance": ["a"] } }),
    ).toEqual([]);
  });

  test("says where, how bad, and what to do", () => {
    expect(lint("allow: read\n  if not a == b")).toEqual([
      {
        id: "not_before_comparison",
        severity: "warning",
        file: "policy.symbi",
        line: 3,
        column: 6,
        message: "not binds tighter than ==",
        hint: "write: not (a == b)",
      },
    ]);
    expect(lint("deny: read if a")[0]?.severity).toBe("error");
  });
});
