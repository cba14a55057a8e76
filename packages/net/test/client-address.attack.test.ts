import { createClientAddress, type HeaderLines } from "@symbiont/net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growthExponent } from "../../../scripts/testing/growth.ts";

const trustedProxies = ["10.0.0.0/8"];
const list = createClientAddress({ trustedProxies, header: "x-forwarded-for" });
const forwarded = createClientAddress({ trustedProxies, header: "forwarded" });
const single = createClientAddress({ trustedProxies, header: "x-real-ip" });

describe("what the client writes", () => {
  test("on the left of a list never decides who it is", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (written) => {
        fc.pre(written.split(",").length < 31);
        const answer = list("10.0.0.1", [["x-forwarded-for", `${written}, 198.51.100.7, 10.0.0.2`]]);
        expect(answer).toEqual({ ip: "198.51.100.7", source: "x-forwarded-for", key: "198.51.100.7" });
      }),
      { numRuns: 2_000 },
    );
  });

  test("on the left of Forwarded, open quotes and backslashes among it, never decides either", () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('"\\,;= for=1.1.1.1[]_')), maxLength: 60 });
    fc.assert(
      fc.property(text, (written) => {
        fc.pre(written.split(",").length < 31);
        const line = `${written},for="198.51.100.7:99";host="a,\\"b", for=10.0.0.2`;
        expect(forwarded("10.0.0.1", [["forwarded", line]])).toMatchObject({ ip: "198.51.100.7" });
      }),
      { numRuns: 5_000 },
    );
  });

  test("in a line of its own never decides either", () => {
    const lines: HeaderLines = ["X-Forwarded-For", 'for="1.1.1.1', "X-Forwarded-For", "198.51.100.7"];
    expect(list("10.0.0.1", lines).ip).toBe("198.51.100.7");
  });

  test("as a list in a header that holds one address is refused", () => {
    for (const value of ["1.1.1.1, 10.0.0.2", "1.1.1.1 10.0.0.2", "", "1.1.1.1,"])
      expect(single("10.0.0.1", [["x-real-ip", value]])).toMatchObject({
        ip: "10.0.0.1",
        warning: "malformed_entry",
      });
  });

  test("twice in a header that holds one address is refused", () => {
    const lines = ["X-Real-IP", "1.1.1.1", "x-real-ip", "2.2.2.2"];
    expect(single("10.0.0.1", lines)).toMatchObject({ ip: "10.0.0.1", warning: "duplicate_header" });
  });

  test("is not read from a header of nearly the same name", () => {
    for (const name of ["x_real_ip", "x-real-ip ", "x-real-i\u0440", "X-REAL-\u0130P"])
      expect(single("10.0.0.1", [[name, "1.1.1.1"]])).toMatchObject({ ip: "10.0.0.1", source: "socket" });
  });
});

test.each([
  "1.1.1.1:65536",
  "1.1.1.1:",
  "1.1.1.1:80:80",
  "[1.1.1.1]",
  "[2001:db8::1",
  "[2001:db8::1]443",
  "[2001:db8::1]:x",
  "2001:db8::1]:443",
  "1.1.1.1\u00a0",
  "\uff11.1.1.1",
  "01.1.1.1",
  "unknown",
  "_hidden",
  "__proto__",
])("the entry %j ends the walk at the last trusted hop", (entry) => {
  expect(list("10.0.0.1", [["x-forwarded-for", `6.6.6.6, ${entry}, 10.0.0.2`]])).toEqual({
    ip: "10.0.0.2",
    source: "x-forwarded-for",
    warning: "malformed_entry",
    key: "10.0.0.2",
  });
});

test("a list of 32 entries is read, one of 33 is not", () => {
  const chain = (length: number) => ["198.51.100.7", ...Array.from({ length: length - 1 }, () => "10.0.0.2")];
  const answer = (length: number) => list("10.0.0.1", [["x-forwarded-for", chain(length).join(",")]]);
  expect(answer(32)).toMatchObject({ ip: "198.51.100.7" });
  expect(answer(33)).toMatchObject({ ip: "10.0.0.1", source: "socket", warning: "too_many_entries" });
});

test.each([
  ["x-forwarded-for", list, (size: number) => `${" ".repeat(size)}6.6.6.6`],
  ["x-forwarded-for", list, (size: number) => ",".repeat(size)],
  ["x-forwarded-for", list, (size: number) => `${"%".repeat(size)},10.0.0.2`],
  ["forwarded", forwarded, (size: number) => `for="${"\\".repeat(size)}"`],
  ["forwarded", forwarded, (size: number) => '"\\'.repeat(size)],
  ["forwarded", forwarded, (size: number) => ";for=".repeat(size)],
] as const)("time stays linear in the length of %s", (name, resolve, build) => {
  const exponent = growthExponent([10_000, 40_000, 160_000], build, (value) => {
    resolve("10.0.0.1", [[name, value]]);
  });
  expect(exponent).toBeLessThan(1.6);
});
