import type { JsonValue, Redactor as RedactorPort } from "@symbiont/kit";
import { createRedactor, type RedactErrorCode } from "@symbiont/redact";
import { expectTypeOf, test } from "vitest";

test("a redactor fits the port, and takes anything", () => {
  expectTypeOf(createRedactor()).toExtend<RedactorPort>();
  expectTypeOf(createRedactor().redact).parameter(0).toEqualTypeOf<unknown>();
  expectTypeOf(createRedactor().redact({})).toEqualTypeOf<JsonValue>();
  expectTypeOf<RedactErrorCode>().toEqualTypeOf<
    "REDACT_VALUE_TOO_SHORT" | "REDACT_VALUE_TOO_LONG" | "REDACT_REGISTER_FULL" | "REDACT_STREAM_ENDED"
  >();
});
