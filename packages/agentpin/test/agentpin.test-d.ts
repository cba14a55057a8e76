import type {
  AgentPinErrorCode,
  Refusal,
  Verification,
  VerifiedCredential,
  VerifierOptions,
} from "@symbiont/agentpin";
import { expectTypeOf, test } from "vitest";

test("nothing of a result can be used before it is known to be valid", () => {
  expectTypeOf<Verification>().not.toHaveProperty("capabilities");
  expectTypeOf<Extract<Verification, { valid: true }>>().toEqualTypeOf<VerifiedCredential>();
  expectTypeOf<Extract<Verification, { valid: false }>>().toEqualTypeOf<Refusal>();
});

test("audience and trust cannot be left out", () => {
  expectTypeOf<Pick<VerifierOptions, "audience" | "trust">>().toEqualTypeOf<
    Required<Pick<VerifierOptions, "audience" | "trust">>
  >();
});

test("a refusal's code is one of the error's", () => {
  expectTypeOf<Refusal["code"]>().toExtend<AgentPinErrorCode>();
});
