import { Enforcement, type NotVerified, type Verification, type Verified } from "@symbiont/schemapin";
import { expectTypeOf, test } from "vitest";

declare const enforcement: Enforcement;

test("nobody but the verifier can write a verified status", () => {
  const facts = { digest: "sha256:00", covered: [], uncovered: [], concerns: [] } as const;
  // @ts-expect-error its brand is a symbol that the module keeps to itself
  const forged: Verified = { status: "verified", ...facts };
  // @ts-expect-error
  enforcement.decide({ status: "verified", ...facts }, "t");
  // @ts-expect-error a result that was not looked at is no status
  enforcement.decide({ success: false }, "t");
  enforcement.decide({ status: "skipped", code: "x", reason: "y" }, "t");
  expectTypeOf(forged).toExtend<Verification>();
  expectTypeOf<NotVerified["status"]>().toEqualTypeOf<"failed" | "pending" | "skipped">();
});
