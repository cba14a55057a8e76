import type { Clock, Decision, KitErrorCode } from "@symbiont/kit";
import { type KitError, SymbiontError } from "@symbiont/kit";
import { expectTypeOf } from "vitest";

expectTypeOf(Date).toExtend<Clock>();
expectTypeOf<Decision["effect"]>().toEqualTypeOf<"allow" | "deny" | "ask">();
expectTypeOf<KitError["code"]>().toEqualTypeOf<KitErrorCode>();

declare const thrown: unknown;
if (SymbiontError.is(thrown)) expectTypeOf(thrown.code).toEqualTypeOf<string>();
