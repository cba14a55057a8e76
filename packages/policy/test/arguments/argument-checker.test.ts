import { deepFreeze, type JsonObject } from "@symbiont/kit";
import { createArgumentChecker } from "@symbiont/policy/arguments";
import { describe, expect, test } from "vitest";

const schema = (): JsonObject => ({
  type: "object",
  properties: { path: { type: "string" } },
  required: ["path"],
});

describe("the argument checker of a gate", () => {
  test("gives frozen arguments, or the code and reason of the refusal", () => {
    const checker = createArgumentChecker();
    const checked = checker.check('{"path":"/a"}', schema());
    expect(checked).toEqual({ valid: true, arguments: { path: "/a" } });
    expect(checked.valid && Object.isFrozen(checked.arguments)).toBe(true);
    expect(checker.check('{"path":"/a","path":"/b"}', schema())).toMatchObject({
      valid: false,
      code: "args.duplicate_key",
    });
    expect(checker.check({ path: 1 }, schema())).toMatchObject({ valid: false, code: "args.schema" });
  });

  test("reads a schema again that could have changed, and a frozen one once", () => {
    const checker = createArgumentChecker();
    const changing: Record<string, unknown> = { ...schema() };
    expect(checker.check("{}", changing as JsonObject).valid).toBe(false);
    changing["required"] = [];
    expect(checker.check("{}", changing as JsonObject).valid).toBe(true);
    const frozen = deepFreeze(schema());
    for (let count = 0; count < 3; count += 1)
      expect(checker.check('{"path":"/a"}', frozen).valid).toBe(true);
  });
});
