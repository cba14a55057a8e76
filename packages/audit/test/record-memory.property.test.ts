import { canonicalJson } from "@symbiont/kit";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { dataText as writer } from "../src/record/data-text.ts";

const LIMITS = { maxUnits: 65_535, maxDepth: 63 };

/** So few that shapes and values come again, and all that is odd about names and strings. */
const name = fc.constantFrom(
  "a",
  "b",
  "id",
  "kind",
  "\u00e9",
  "1",
  "0",
  "__proto__",
  "toString",
  "\ud800",
  '"',
  "n".repeat(65),
);
const text = fc.constantFrom(
  "",
  "a",
  "b",
  '"',
  "\\",
  "\n",
  "\u00e9",
  "\ud800",
  "\u{1f600}",
  "t".repeat(128),
  "t".repeat(129),
  "__proto__",
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    fc.constantFrom(0, -0, 1.5, null, true, undefined, 10n),
    tie("list"),
    tie("object"),
  ),
  list: fc.array(tie("value"), { maxLength: 3 }),
  object: fc.array(fc.tuple(name, tie("value")), { maxLength: 5 }).map((members) => {
    const object: Record<string, unknown> = {};
    for (const [key, member] of members)
      Object.defineProperty(object, key, {
        value: member,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    return object;
  }),
}));

/** A writer that has written nothing yet. */
async function newWriter(): Promise<typeof writer> {
  vi.resetModules();
  return (await import("../src/record/data-text.ts")).dataText;
}

test("what was written before changes nothing", async () => {
  const [one, other] = [await newWriter(), await newWriter()];
  expect(one).not.toBe(other);
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
      const forwards = values.map((each) => one(each, LIMITS));
      const backwards = values.toReversed().map((each) => other(each, LIMITS));
      expect(backwards.toReversed()).toEqual(forwards);
      for (const written of forwards) expect(canonicalJson(JSON.parse(written as string))).toBe(written);
    }),
    { numRuns: 1_000 },
  );
});

test("a limit counts what is remembered as well", async () => {
  const fresh = await newWriter();
  fc.assert(
    fc.property(value, fc.nat(60), (each, maxUnits) => {
      const whole = writer(each, LIMITS) as string;
      writer(each, LIMITS); // from memory, where there is any
      const cut = writer(each, { ...LIMITS, maxUnits });
      if (whole.length > maxUnits) expect(cut).toBeUndefined();
      else expect([whole, undefined]).toContain(cut); // commas that are not there are counted, too
      expect(fresh(each, { ...LIMITS, maxUnits })).toBe(cut);
    }),
    { numRuns: 1_000 },
  );
});

test("more shapes than are remembered are written as well", () => {
  for (let index = 0; index < 20_000; index += 1) {
    const names = [`x${index % 9_000}`, `a${index % 7}`, "id"];
    const object = Object.fromEntries(names.map((each) => [each, `${each}!`]));
    expect(writer(object, LIMITS)).toBe(canonicalJson(object));
  }
});

test("a member is read once, in canonical order, also when it was the same the last time", () => {
  const reads: PropertyKey[] = [];
  const watched = new Proxy(
    { b: "x", a: "y", c: "z" },
    {
      get: (target, member) => {
        reads.push(member);
        return Reflect.get(target, member) as unknown;
      },
    },
  );
  for (let time = 0; time < 3; time += 1) expect(writer(watched, LIMITS)).toBe('{"a":"y","b":"x","c":"z"}');
  expect(reads).toEqual(Array.from({ length: 3 }, () => ["toJSON", "a", "b", "c"]).flat());
});

test("a member that is text one time and something else the next", () => {
  const values = ["x", 1, "x", null, "x", ["x"], "x", undefined, "x", 'x"', "x"];
  for (const first of values)
    for (const second of values) {
      const object = { first, second, last: "l" };
      expect(writer(object, LIMITS)).toBe(canonicalJson(object));
    }
});
