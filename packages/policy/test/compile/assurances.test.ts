import type { AssuranceProvider } from "@symbiont/policy";
import { describe, expect, test } from "vitest";
import { decide } from "../decide.ts";

/** Whether a host that affirms `affirmed` meets `key: required`. */
function meets(key: string, required: string, affirmed: unknown, options = {}): boolean {
  const decision = decide(
    `allow: read require: { ${key}: ${required} }`,
    { assurances: { [key]: affirmed } },
    options,
  );
  if (decision.effect !== "allow") expect(decision.code).toBe(`require.unmet:${key}`);
  return decision.effect === "allow";
}

describe("requirements", () => {
  test.each<[string, string, unknown, boolean]>([
    ["tls_verification", "true", true, true],
    ["tls_verification", "true", "true", false],
    ["tls_verification", "true", 1, false],
    ["pin_on_first_use", "false", false, true],
    ["pin_on_first_use", "false", undefined, false],
    ["agentpin_algorithm", '"ES256"', "ES256", true],
    ["agentpin_algorithm", '"ES256"', "es256", false],
    ["supported_formats", '["a", "b"]', ["a", "b"], true],
    ["supported_formats", '["a", "b"]', ["a"], false],
    ["sandbox_tier", '"Tier2"', "Tier2", true],
    ["sandbox_tier", '"Tier2"', "Tier3", true],
    ["sandbox_tier", '"Tier2"', "Tier1", false],
    ["sandbox_tier", '"Tier2"', "gvisor", false],
    ["max_concurrent_agents", "10", 5, true],
    ["max_concurrent_agents", "10", 11, false],
    ["timeout", '"5000ms"', "5s", true],
    ["timeout", '"5000ms"', "6s", false],
    ["timeout", "5s", "4000ms", true],
    ["timeout", '"5000ms"', 4, false],
    ["api_key_rotation", '"30_days"', "7_days", true],
    ["api_key_rotation", '"30_days"', "1_month", true],
    ["api_key_rotation", '"30_days"', "31_days", false],
    ["token_rotation", '"1_hour"', "30m", true],
    ["max_data_size", '"100MB"', "10MB", true],
    ["max_data_size", '"100MB"', "100MiB", false],
    ["max_data_size", '"100MB"', "5m", false],
    ["rate_limiting", '"100/minute"', "100/minute", true],
    ["rate_limiting", '"100/minute"', "50/minute", true],
    ["rate_limiting", '"1000/hour"', "10/minute", true],
    ["rate_limiting", '"1000/hour"', "20/minute", false],
    ["rate_limiting", '"100/minute"', "1000/hour", false],
    ["rate_limiting", '"100/minute"', "100/hour", true],
    ["rate_limiting", '"100/hour/recipient"', "100/hour/recipient", true],
    ["rate_limiting", '"100/hour/recipient"', "100/hour", true],
    ["rate_limiting", '"100/hour"', "100/hour/recipient", false],
    ["rate_limiting", '"lots"', "fewer", false],
  ])("%s: %s with %j affirmed is %s", (key, required, affirmed, expected) => {
    expect(meets(key, required, affirmed)).toBe(expected);
  });

  test("a comparator can be given for any key, and an order for its texts", () => {
    expect(meets("score", "3", 4)).toBe(false);
    expect(meets("score", "3", 4, { comparators: { score: "at_least" } })).toBe(true);
    expect(meets("score", "3", 2, { comparators: { score: "at_least" } })).toBe(false);
    const options = { comparators: { mode: "at_least" }, orderedEnums: { mode: ["lax", "fair", "strict"] } };
    expect(meets("mode", '"fair"', "strict", options)).toBe(true);
    expect(meets("mode", '"fair"', "lax", options)).toBe(false);
    expect(meets("mode", '"fair"', "unheard of", options)).toBe(false);
    expect(() => meets("mode", "1", 1, { comparators: { mode: "roughly" } })).toThrow(RangeError);
  });

  test("a requirement may depend on the request", () => {
    const rule = "allow: read require: { region: user.region }";
    const scope = { user: { region: "eu" } };
    expect(decide(rule, { scope, assurances: { region: "eu" } }).effect).toBe("allow");
    expect(decide(rule, { scope, assurances: { region: "us" } }).effect).toBe("deny");
    expect(decide(rule, { assurances: { region: "eu" } }).effect).toBe("deny");
  });
});

describe("assurance providers", () => {
  const provider = (affirm: AssuranceProvider["affirm"]): AssuranceProvider => ({ keys: ["mfa"], affirm });
  const rule = "allow: read require: mfa";

  test("affirm where the request does not", () => {
    const assurances = [provider((key) => key === "mfa")];
    expect(decide(rule, {}, { assurances }).effect).toBe("allow");
    expect(decide(rule, { assurances: { mfa: false } }, { assurances }).effect).toBe("deny");
  });

  test("that throw, promise or say nothing affirm nothing", () => {
    const throwing = provider(() => {
      throw new Error("down");
    });
    for (const source of [throwing, provider(async () => true), provider(() => undefined)]) {
      expect(decide(rule, {}, { assurances: [source] }).code).toBe("require.unmet:mfa");
    }
  });

  test("must not share a key", () => {
    const assurances = [provider(() => true), provider(() => true)];
    expect(() => decide(rule, {}, { assurances })).toThrow(RangeError);
  });
});
