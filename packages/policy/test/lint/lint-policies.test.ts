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
