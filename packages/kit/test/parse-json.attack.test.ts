import { canonicalJson, parseJson } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";

describe("hostile JSON", () => {
  test("no spelling of __proto__ reaches a prototype", () => {
    for (const text of [
      '{"__proto__":{"admin":true}}',
      '{"\\u005f\\u005fproto__":{"admin":true}}',
      '{"a":{"__proto__":{"admin":true}}}',
    ]) {
      expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: "JSON_RESERVED_NAME" }));
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test("names of Object.prototype become own members only", () => {
    const value = parseJson('{"toString":1,"hasOwnProperty":2}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["toString", "hasOwnProperty"]);
    expect(canonicalJson(value)).toBe('{"hasOwnProperty":2,"toString":1}');
  });

  test("an error never repeats more than a short escaped piece of the input", () => {
    const marker = "S3CRET-".repeat(100);
    try {
      parseJson(`{"${marker}":1,"${marker}":2}`);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(150);
    }
  });

  test.each([
    ["deep arrays", (size: number) => "[".repeat(size)],
    ["one long string", (size: number) => `"${"x".repeat(size)}"`],
    ["a string of escapes", (size: number) => `"${"\\u00e9".repeat(size / 6)}"`],
    ["an unterminated string", (size: number) => `"${"\\\\".repeat(size / 2)}`],
    [
      "many members",
      (size: number) => `{${Array.from({ length: size / 10 }, (_, index) => `"k${index}":1`).join(",")}}`,
    ],
    ["many numbers", (size: number) => `[${"1,".repeat(size / 2)}1]`],
    ["one long number", (size: number) => `0.${"1".repeat(size)}`],
    ["white space", (size: number) => `${" ".repeat(size)}1`],
  ])("takes linear time on %s", (_, build) => {
    const run = (text: string): void => {
      try {
        parseJson(text, { maxBytes: 1 << 26 });
      } catch {
        // refused is fine; slow is not
      }
    };
    expect(growthExponent([1 << 15, 1 << 17, 1 << 19], build, run)).toBeLessThan(1.5);
  });
});
