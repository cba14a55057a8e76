import { expect, test } from "vitest";
import { compareCompiledWithInterpreted } from "./schema-agreement.ts";

test("40,000 random schemas mean the same, compiled and interpreted", () => {
  expect(compareCompiledWithInterpreted(40_000)).toBeGreaterThan(1000);
});
