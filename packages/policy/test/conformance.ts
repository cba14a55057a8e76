import assert from "node:assert/strict";
import type { JsonObject } from "@symbiont/kit";
import { compilePolicies, locate, PolicyError, parsePolicies } from "@symbiont/policy";
import { checkArguments } from "@symbiont/policy/arguments";
import { createSymbiontStripper } from "@symbiont/policy/hygiene";
import type { ConformanceSuite } from "../../../scripts/conformance/suite.ts";
import { checkCedarCase } from "./conformance/cedar-case.ts";
import { checkGateCases } from "./conformance/gate-cases.ts";
import { checkOpaCases } from "./conformance/opa-cases.ts";
import { legend } from "./legend.ts";

/** The policy vector files, run against the package's entry points. */
export const suite: ConformanceSuite = {
  "policy/symbi-policy-blocks.json": (data, check) => {
    for (const { id, name, source, expect } of data.blocks) {
      check(`${id} ${name}`, () =>
        checkParse(source, expect.accept ? expect.ast : undefined, expect.ourError),
      );
    }
  },
  "policy/symbi-expressions.json": (data, check) => {
    for (const { rule, accept, ast } of data.cases) {
      const expected = accept === true ? [{ name: "p", rules: ast }] : undefined;
      check(rule, () => checkParse(`policy p { ${rule} }`, expected));
    }
  },
  "policy/symbi-containers.json": (data, check) => {
    for (const { name, source, expect } of data.cases) check(name, () => checkContainers(source, expect));
  },
  "policy/symbi-semantics.json": (data, check) => {
    for (const { name, policy, request, expect } of data.cases) {
      check(name, () => {
        const decision = compilePolicies([parsePolicies(policy)]).evaluate(request);
        assert.deepEqual(
          { decision: decision.effect, rule: decision.rule ?? null, code: decision.code },
          // The vectors call the effect of a wanted approval step_up; ours is ask.
          { ...expect, decision: expect.decision === "step_up" ? "ask" : expect.decision },
        );
      });
    }
  },
  "policy/cedar-gate.json": (data, check) => {
    for (const vector of data.cases) check(vector.name, () => checkCedarCase(vector));
  },
  "policy/gates.json": checkGateCases,
  "policy/opa-bridge.json": checkOpaCases,
  "policy/invisible-and-injection.json": (data, check) => {
    const stripper = createSymbiontStripper();
    for (const { input, sanitize, withMarkup, forDownstream, detect } of data.cases) {
      check(JSON.stringify(input), () => {
        assert.equal(stripper.sanitize(input), sanitize);
        assert.equal(stripper.withMarkup(input), withMarkup);
        assert.equal(stripper.forDownstream(input), forDownstream);
        assert.deepEqual(stripper.detect(input), detect);
      });
    }
  },
  "policy/tool-arguments.json": (data, check) => {
    for (const vector of data.cases) check(vector.name, () => checkArgumentsCase(vector));
  },
};

function checkParse(
  source: string,
  ast: unknown,
  error?: { readonly line: number; readonly col: number },
): void {
  if (ast !== undefined) {
    const file = parsePolicies(source);
    assert.deepEqual(legend(file.policies), ast);
    return;
  }
  const refusal = refusalOf(source);
  if (error === undefined) return;
  const [first] = refusal.diagnostics;
  assert.deepEqual({ line: first?.line, col: first?.column }, { line: error.line, col: error.col });
}

function refusalOf(source: string): PolicyError {
  try {
    parsePolicies(source);
  } catch (error) {
    assert.ok(PolicyError.is(error) && error.code === "POLICY_SYNTAX", String(error));
    return error;
  }
  throw new assert.AssertionError({ message: "the text was accepted" });
}

function checkContainers(
  source: string,
  expect: { readonly accept: boolean; readonly policies?: readonly unknown[] },
): void {
  if (!expect.accept) {
    refusalOf(source);
    return;
  }
  const file = parsePolicies(source);
  const found = file.policies.map(({ at, name, container, rules }) => ({
    container: container.kind === "top" ? "top" : `${container.kind}:${container.name}`,
    name,
    line: locate(file.source, at).line,
    rules: rules.map((rule) => rule.action),
  }));
  assert.deepEqual(found, expect.policies);
}

interface ArgumentsCase {
  readonly schema: unknown;
  readonly arguments?: string;
  readonly argumentsBuilder?: string;
  readonly ours: "continue" | "deny";
  readonly code: string | null;
}

function checkArgumentsCase({ schema, arguments: text, argumentsBuilder, ours, code }: ArgumentsCase): void {
  const isRegistered = schema !== "(tool not registered)";
  const result = checkArguments(
    text ?? build(argumentsBuilder ?? ""),
    isRegistered ? (schema as JsonObject | null) : undefined,
  );
  assert.deepEqual(
    { ours: result.denied ? "deny" : "continue", code: result.denied ? result.code : null },
    { ours, code },
  );
}

/** Writes out texts that are described in the file because they are too long to stand there. */
function build(description: string): string {
  return description
    .replace(/<(\d+) nested arrays>/, (_, count) => "[".repeat(Number(count)) + "]".repeat(Number(count)))
    .replace(/<(\d+) x>/, (_, count) => "x".repeat(Number(count)));
}
