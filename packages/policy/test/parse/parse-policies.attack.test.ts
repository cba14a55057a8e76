import { parsePolicies } from "@symbiont/policy";
import { describe, expect, test } from "vitest";
import { refusal } from "./refusal.ts";

describe("policy text made to be read wrongly", () => {
  test.each([
    ["\u202e", "right-to-left override"],
    ["\u2066", "isolate"],
    ["\u200f", "right-to-left mark"],
    ["\u061c", "Arabic letter mark"],
  ])("refuses %j (%s) in names, strings and comments alike", (control) => {
    for (const source of [
      `policy p { allow: re${control}ad }`,
      `policy p { allow: "re${control}ad" }`,
      `policy p { allow: read } // ${control}`,
      `agent x { with a = "${control}" { } }`,
    ]) {
      const error = refusal(() => parsePolicies(source));
      expect(error.code).toBe("POLICY_SYNTAX");
      expect(error.message).not.toContain(control);
    }
  });

  test.each(["\u200b", "\u00ad", "\ufeff", "\u2060", "\u{e0041}", "\u3164", "\u0000", "\u2800"])(
    "refuses the invisible character %j outside strings and comments",
    (character) => {
      const error = refusal(() => parsePolicies(`policy p { allow: read ${character} }`));
      expect(error.diagnostics[0]?.message).toContain("invisible character");
      expect(parsePolicies(`policy p { allow: "${character}" } // ${character}`).policies).toHaveLength(1);
    },
  );

  test.each(["\r", "\u2028", "\u2029", "\u0085", "\u000b", "\u000c"])(
    "refuses %j in a comment, where an editor would show the rest as a rule",
    (end) => {
      const source = `policy p { allow: write // the next line counts${end} deny: write if x\n }`;
      expect(refusal(() => parsePolicies(source)).code).toBe("POLICY_SYNTAX");
    },
  );

  test("accepts CRLF after a comment", () => {
    expect(parsePolicies("policy p { allow: a // b\r\n deny: c // d\r\n }").policies[0]?.rules).toHaveLength(
      2,
    );
  });

  test("refuses a letter that only looks like another", () => {
    expect(refusal(() => parsePolicies("policy p { allow: rеad }")).code).toBe("POLICY_SYNTAX");
  });

  test("refuses lone surrogates and bytes that are not UTF-8", () => {
    expect(refusal(() => parsePolicies('policy p { allow: "\ud800" }')).code).toBe("POLICY_SYNTAX");
    const bytes = new Uint8Array([...new TextEncoder().encode('policy p { allow: "'), 0xff, 0x22, 0x7d]);
    expect(refusal(() => parsePolicies(bytes)).code).toBe("POLICY_SYNTAX");
  });

  test.each([
    ["in a function body", "agent x { function f() { policy p { deny: write } } }"],
    ["in a with block", "agent x { with a = 1 { policy p { deny: write } } }"],
    ["in metadata", "metadata { policy p { deny: write } }"],
    ["after another name", "agent x { with a = 1 { policy policy p { deny: write } } }"],
  ])("refuses a block %s, where it would be ignored", (_, source) => {
    expect(refusal(() => parsePolicies(source)).code).toBe("POLICY_SYNTAX");
  });

  test.each([
    ["an unclosed block", "policy p { allow: a"],
    ["an unclosed agent", "agent x { policy p { allow: a }"],
    ["a closing brace too many", "policy p { allow: a } }"],
    ["crossed brackets", "metadata { a = [ } ] policy p { deny: b }"],
    ["an unclosed string that swallows a block", 'metadata { a = "x }\npolicy p { deny: b }'],
    ["a block comment around a block", "/* policy p { deny: b } */"],
    ["words between declarations", "policy p { allow: a } and policy q { deny: a }"],
    ["an assignment of a block", "policy x = { deny: a }"],
    ["a declaration nobody knows", "polícy p { deny: a }"],
  ])("refuses %s", (_, source) => {
    expect(refusal(() => parsePolicies(source)).code).toBe("POLICY_SYNTAX");
  });

  test.each(["(", "[", "{a:", "!", "-", "x => ", "f(", "if a { ", "a["])(
    "refuses 100,000 times %j without running out of stack",
    (part) => {
      const source = `policy p { allow: ${part.repeat(100_000).slice(0, 200_000)}`;
      expect(refusal(() => parsePolicies(source)).code).toBe("POLICY_TOO_LARGE");
    },
  );

  test.each(["a.", "a || ", "a + ", "a == ", "a()(", "if a { b } else "])(
    "bounds what hangs together in %j, so that no later walk runs out of stack",
    (part) => {
      const source = `policy p { allow: x if ${part.repeat(20_000).slice(0, 200_000)}a }`;
      expect(["POLICY_TOO_LARGE", "POLICY_SYNTAX"]).toContain(refusal(() => parsePolicies(source)).code);
    },
  );

  test("an error shows at most a short escaped piece of the text", () => {
    const secret = "S".repeat(300);
    const error = refusal(() => parsePolicies(`policy p { ${secret} }`));
    expect(error.message.length).toBeLessThan(200);
    expect(error.message).not.toContain(secret);
  });
});
