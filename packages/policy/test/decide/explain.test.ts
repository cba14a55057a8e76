import { readFileSync } from "node:fs";
import { compilePolicies, parsePolicies } from "@symbiont/policy";
import { expect, test } from "vitest";

test("what the README shows of explain is what it says", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, source = ""] = /parsePolicies\(`(policy files \{\n {4}allow[^`]*)`\),\n\]/.exec(readme) ?? [];
  const [, shown = ""] = /```text\n([^]*?)```/.exec(readme) ?? [];
  const set = compilePolicies([parsePolicies(source)]);
  const { decision, rules } = set.explain({
    op: "read",
    subjects: [{ path: "/srv/a" }],
    scope: { user: { id: "u1" }, environment: "test" },
  });
  const lines = rules.map(({ rule, action, line, outcome, reason = "" }) =>
    `${rule} line ${line} ${action}: ${outcome} ${reason}`.trim(),
  );
  expect(rules).toHaveLength(4);
  expect([decision.detail, ...lines]).toEqual(shown.trim().split("\n"));
});
