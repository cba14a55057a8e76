import { isProduction, parseRfc3339, processEnvironment } from "@symbiont/kit";
import { expect, test } from "vitest";

test("production is what either variable says, and where nobody can be asked", () => {
  expect(isProduction(undefined)).toBe(true);
  expect(isProduction({})).toBe(false);
  expect(isProduction({ SYMBIONT_ENV: "production" })).toBe(true);
  expect(isProduction({ SYMBIONT_ENV: "staging", NODE_ENV: "production" })).toBe(true);
  expect(isProduction({ SYMBIONT_ENV: "", NODE_ENV: "test" })).toBe(false);
  for (const name of ["prod", "PROD", " Production "])
    expect(isProduction({ SYMBIONT_ENV: name })).toBe(true);
  for (const name of ["dev", "Local", "preview", "ci", " "])
    expect(isProduction({ SYMBIONT_ENV: name })).toBe(false);
  for (const name of ["prodcution", "live", "__proto__"])
    expect(() => isProduction({ SYMBIONT_ENV: name })).toThrow(RangeError);
  expect(processEnvironment()).toBe(process.env);
});

test.each<[unknown, number | undefined]>([
  ["1970-01-01T00:00:01Z", 1_000],
  ["2026-03-01T11:59:55.123456789+00:00", Date.UTC(2026, 2, 1, 11, 59, 55, 123)],
  ["2026-03-01T00:00:00+05:30", Date.UTC(2026, 1, 28, 18, 30)],
  ["2016-12-31T23:59:60Z", Date.UTC(2017, 0, 1)],
  ["2026-02-29T00:00:00Z", undefined],
  ["2026-03-01", undefined],
  ["2026-03-01T00:00:00", undefined],
  ["2026-03-01T12:00:60Z", undefined],
  [" 2026-03-01T00:00:00Z", undefined],
  [0, undefined],
])("the time %j is %j", (text, ms) => {
  expect(parseRfc3339(text)).toBe(ms);
});
