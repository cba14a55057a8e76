import { readFileSync } from "node:fs";
import type { JsonObject } from "@symbiont/kit";
import {
  compilePolicies,
  createDecisionPoint,
  parsePolicies,
  parsePolicyCases,
  runPolicyCases,
} from "@symbiont/policy";
import { checkArguments } from "@symbiont/policy/arguments";
import { describe, expect, test } from "vitest";

const schema = JSON.parse(
  readFileSync(new URL("../../schema/policy-cases.schema.json", import.meta.url), "utf8"),
) as JsonObject;
const request = { action: "read" };
const full = {
  $schema: "./policy-cases.schema.json",
  description: "all members",
  cases: [
    {
      name: "reading is allowed",
      request: {
        action: "read",
        principal: { kind: "user", id: "u", roles: ["a"], attributes: { team: 1 } },
        resource: { kind: "file", id: "/srv/a" },
        context: { environment: "test" },
        approvals: ["boss"],
      },
      expect: { effect: "allow", code: "allow.rule", rules: ["p#0"] },
    },
    { name: "writing is not", request: { action: "write" }, expect: { effect: "deny" } },
  ],
};

describe("runPolicyCases", () => {
  const point = createDecisionPoint(
    compilePolicies([parsePolicies('policy p { allow: read allow: send require: approval("boss") }')]),
  );

  test("says of every case whether it came out as expected, and what did not", async () => {
    const cases = parsePolicyCases(
      JSON.stringify({
        cases: [
          { name: "right", request, expect: { effect: "ask", role: "boss", rules: ["p#2"] } },
          { name: "wrong", request, expect: { effect: "allow", code: "allow.rule", role: "chief" } },
        ],
      }),
    );
    const report = await runPolicyCases(cases, point);
    expect(report).toMatchObject({ passed: 1, failed: 1 });
    expect(report.results.map(({ name, differences }) => [name, differences])).toEqual([
      ["right", []],
      [
        "wrong",
        [
          "effect: expected allow, got ask",
          "code: expected allow.rule, got require.approval:boss",
          "role: expected chief, got boss",
        ],
      ],
    ]);
  });

  test("a decision point that throws is a deny like any other", async () => {
    const cases = parsePolicyCases(
      JSON.stringify({ cases: [{ name: "x", request, expect: { effect: "allow" } }] }),
    );
    const broken = {
      decide: () => {
        throw new Error("down");
      },
    };
    expect(await runPolicyCases(cases, broken)).toMatchObject({ failed: 1 });
  });
});

describe("a file of policy cases", () => {
  const wrong: [string, unknown][] = [
    ["no object", []],
    ["no cases", {}],
    ["an unknown member", { cases: [], case: [] }],
    ["cases that are no list", { cases: {} }],
    ["a case without a name", { cases: [{ request, expect: { effect: "deny" } }] }],
    ["an unknown effect", { cases: [{ name: "x", request, expect: { effect: "step_up" } }] }],
    ["a misspelt expectation", { cases: [{ name: "x", request, expect: { effect: "deny", rule: "p#0" } }] }],
    ["no action", { cases: [{ name: "x", request: {}, expect: { effect: "deny" } }] }],
    [
      "an unknown kind",
      {
        cases: [
          {
            name: "x",
            request: { action: "a", principal: { kind: "bot", id: "a" } },
            expect: { effect: "deny" },
          },
        ],
      },
    ],
    [
      "context that is a list",
      { cases: [{ name: "x", request: { action: "a", context: [] }, expect: { effect: "deny" } }] },
    ],
    ["rules that are a text", { cases: [{ name: "x", request, expect: { effect: "deny", rules: "p#0" } }] }],
  ];

  test.each(wrong)("with %s is refused, by the reader and by the schema", (_, document) => {
    expect(() => parsePolicyCases(JSON.stringify(document), { file: "c.json" })).toThrow(
      expect.objectContaining({ code: "POLICY_CASES_INVALID", message: expect.stringMatching(/^c\.json:/) }),
    );
    expect(checkArguments({ document }, wrapped(schema)).denied).toBe(true);
  });

  test("with every member is accepted by both, and what is left out has its default", () => {
    expect(checkArguments({ document: full }, wrapped(schema)).denied).toBe(false);
    const [first, second] = parsePolicyCases(JSON.stringify(full));
    expect(first).toEqual(full.cases[0]);
    expect(second?.request).toEqual({
      action: "write",
      principal: { kind: "agent", id: "agent" },
      resource: { kind: "tool", id: "write" },
      context: {},
    });
  });

  test("that is not strict JSON is refused", () => {
    const text = '{"cases":[],"cases":[]}';
    expect(() => parsePolicyCases(text)).toThrow(expect.objectContaining({ code: "POLICY_CASES_INVALID" }));
  });
});

/** The schema as that of one argument named document. */
function wrapped({ $defs, ...document }: JsonObject): JsonObject {
  const { $schema: _, ...rest } = document;
  return { $defs: $defs as JsonObject, properties: { document: rest }, required: ["document"] };
}
