import { KitError, parseJson } from "@symbiont/kit";
import fc from "fast-check";
import { expect, test } from "vitest";

// Short text goes to the runtime's parser first; behind this much white space it does not.
const BEHIND = " ".repeat(8_200);

function outcome(text: string, options: object): unknown {
  try {
    return { value: parseJson(text, options) };
  } catch (error) {
    if (!KitError.is(error)) throw error;
    return error.code;
  }
}

const names = fc.constantFrom(
  "a",
  "b",
  "__proto__",
  "constructor",
  "prototype",
  "\\u0061",
  "toString",
  "1",
  "",
);
const scalars = fc.constantFrom(
  "1",
  "-0",
  "1.5",
  "1e3",
  "1e400",
  "9007199254740993",
  "0.1",
  "01",
  "true",
  "null",
  "",
  '"a"',
  '":"',
  '"{["',
  '"\\\\u0061"',
  '"\ud800"',
  '"\\ud83d\\ude00"',
  '"\\u0000"',
);
/** Text that is JSON, or almost. */
const { text } = fc.letrec<{ text: string; object: string; array: string }>((tie) => ({
  text: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalars, tie("object"), tie("array")),
  object: fc
    .array(fc.tuple(names, fc.constantFrom(":", " : ", ""), tie("text")), { maxLength: 4 })
    .map((members) => `{${members.map(([name, colon, value]) => `"${name}"${colon}${value}`).join(",")}}`),
  array: fc.array(tie("text"), { maxLength: 4 }).map((items) => `[${items.join(",")}]`),
}));

test("short text is read exactly as long text is", () => {
  const options = fc.constantFrom({}, { reservedNames: [] }, { maxDepth: 2 }, { unsafeIntegers: "round" });
  let read = 0;
  fc.assert(
    fc.property(text, options, (json, given) => {
      const result = outcome(json, given);
      if (typeof result !== "string") read += 1;
      expect(result).toEqual(outcome(BEHIND + json, given));
    }),
    { numRuns: 20_000 },
  );
  expect(read).toBeGreaterThan(1_000);
});
