import { inspect } from "node:util";
import { KitError, SymbiontError } from "@symbiont/kit";
import { describe, expect, test } from "vitest";

class OtherError extends SymbiontError<"OTHER_BROKEN"> {}

describe("SymbiontError", () => {
  const error = new KitError("JSON_SYNTAX", "it broke", { offset: 3, cause: new Error("lower") });

  test("carries a code, a cause and typed facts", () => {
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.retryable, error.offset]).toEqual([
      "KitError",
      "JSON_SYNTAX",
      "it broke",
      false,
      3,
    ]);
    expect((error.cause as Error).message).toBe("lower");
    expect(Object.keys(error).sort()).toEqual(["code", "offset", "retryable"]);
    expect(inspect(error)).toContain("KitError");
  });

  test("is recognised by its class and by the base, and by no other class", () => {
    expect([SymbiontError.is(error), KitError.is(error), OtherError.is(error)]).toEqual([true, true, false]);
    for (const value of [
      null,
      undefined,
      "x",
      {},
      new Error("x"),
      { code: "JSON_SYNTAX", name: "KitError" },
    ]) {
      expect(SymbiontError.is(value)).toBe(false);
    }
  });

  test("is recognised across two installed copies", async () => {
    const elsewhere: string = "../src/error.ts?copy";
    const copy = (await import(elsewhere)) as typeof import("../src/error.ts");
    const foreign = new copy.KitError("JSON_SYNTAX", "from the other copy");
    expect(foreign).not.toBeInstanceOf(KitError);
    expect(KitError.is(foreign)).toBe(true);
  });
});
