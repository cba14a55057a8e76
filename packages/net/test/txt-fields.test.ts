import { parseTxtFields } from "@symbiont/net";
import { expect, test } from "vitest";

test("fields are taken apart, whatever the spaces", () => {
  expect(parseTxtFields(" V = x1;; a=b=c ;fp=")).toEqual(
    new Map([
      ["v", "x1"],
      ["a", "b=c"],
      ["fp", ""],
    ]),
  );
});

test.each([
  ["a=1; b", "a field has no value"],
  ["a=1; A=2", "a field is there twice"],
  ["a".repeat(4_097), "it is too long"],
])("%.12s is refused", (text, problem) => {
  expect(parseTxtFields(text)).toBe(problem);
});
