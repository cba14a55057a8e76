import { expect, test } from "vitest";
import { compareCompiledWithInterpreted } from "./schema-agreement.ts";

test("10,000 random schemas mean the same, compiled and interpreted", () => {
  expect(compareCompiledWithInterpreted(10_000)).toBeGreaterThan(500);
});
