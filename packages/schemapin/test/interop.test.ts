import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareCanonicalForms } from "./interop/compare-canonical-forms.ts";
import { oracle } from "./interop/install-oracle.ts";
import { Reference } from "./interop/reference.ts";

describe.each(["python", "rust"] as const)("the reference in %s", (language) => {
  const installed = oracle(language);
  let reference: Reference;
  beforeAll(() => {
    if (installed.why === "") reference = new Reference(installed);
  });
  afterAll(() => reference?.close());

  test.skipIf(installed.why !== "")(
    `writes portable schemas as we do, and we sign no others${installed.why}`,
    async () => {
      const { refused } = await compareCanonicalForms(reference, 10_000, 1);
      expect(refused).toBeGreaterThan(100);
    },
  );
});
