import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareWithPython } from "./interop/compare-with-python.ts";
import { PythonReference, whyNoReference } from "./interop/python-reference.ts";

const why = whyNoReference();

describe.skipIf(why !== "")(`the Python reference${why}`, () => {
  let reference: PythonReference;
  beforeAll(() => {
    reference = new PythonReference();
  });
  afterAll(() => reference?.close());

  test("writes portable schemas as we do, and we sign no others", async () => {
    const { refused } = await compareWithPython(reference, 10_000, 1);
    expect(refused).toBeGreaterThan(100);
  });
});
