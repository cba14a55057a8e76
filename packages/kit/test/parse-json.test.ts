import { JsonNumber, KitError, parseJson, parseJsonTree } from "@symbiont/kit";
import { describe, expect, test } from "vitest";

/** The code and offset with which `run` fails. */
function failure(run: () => unknown): { code: string; offset: number | undefined } {
  try {
    run();
  } catch (error) {
    if (KitError.is(error)) return { code: error.code, offset: error.offset };
    throw error;
  }
  throw new Error("did not fail");
}

describe("parseJson", () => {
  test("reads every kind of value", () => {
    const text = ' {"a":[1,-0.5,2e3,"x\\u00e9\\n",true,false,null,{}],"b":{"c":[]}} ';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  test("reads bytes and text alike", () => {
    expect(parseJson(new TextEncoder().encode('{"é":"😀"}'))).toEqual({ é: "😀" });
  });

  test("joins escaped surrogate pairs", () => {
    expect(parseJson('"\\ud83d\\ude00"')).toBe("😀");
  });

  test.each([
    ["", "JSON_SYNTAX", 0],
    [" ", "JSON_SYNTAX", 1],
    ["{", "JSON_SYNTAX", 1],
    ['{"a"}', "JSON_SYNTAX", 4],
    ['{"a":1,}', "JSON_SYNTAX", 7],
    ["[1,]", "JSON_SYNTAX", 3],
    ["[1 2]", "JSON_SYNTAX", 3],
    ["01", "JSON_SYNTAX", 0],
    ["-", "JSON_SYNTAX", 1],
    ["1.", "JSON_SYNTAX", 2],
    [".5", "JSON_SYNTAX", 0],
    ["1e", "JSON_SYNTAX", 2],
    ["+1", "JSON_SYNTAX", 0],
    ["NaN", "JSON_SYNTAX", 0],
    ["nul", "JSON_SYNTAX", 0],
    ["true false", "JSON_SYNTAX", 5],
    ['"abc', "JSON_SYNTAX", 4],
    ['"a\nb"', "JSON_SYNTAX", 2],
    ['"\\x"', "JSON_SYNTAX", 1],
    ['"\\u12g4"', "JSON_SYNTAX", 1],
    ["'a'", "JSON_SYNTAX", 0],
    ["// no\n1", "JSON_SYNTAX", 0],
    ["\ufeff1", "JSON_SYNTAX", 0],
    ['{"a":1,"a":2}', "JSON_DUPLICATE_NAME", 7],
    ['{"a":1,"\\u0061":2}', "JSON_DUPLICATE_NAME", 7],
    ['{"toString":1,"toString":2}', "JSON_DUPLICATE_NAME", 14],
    ['{"__proto__":1}', "JSON_RESERVED_NAME", 1],
    ['{"\\u005f_proto__":1}', "JSON_RESERVED_NAME", 1],
    ['{"constructor":1}', "JSON_RESERVED_NAME", 1],
    ['"\\ud800"', "JSON_ILL_FORMED_TEXT", 1],
    ['"\\udc00"', "JSON_ILL_FORMED_TEXT", 1],
    ['"\\ud800\\ud800\\udc00"', "JSON_ILL_FORMED_TEXT", 1],
    ['"\\ud800x\\udc00"', "JSON_ILL_FORMED_TEXT", 1],
    ['"\\ud83d\ude00"', "JSON_ILL_FORMED_TEXT", 1],
    ['"\ud800"', "JSON_ILL_FORMED_TEXT", 1],
    ["9007199254740992", "JSON_NUMBER_RANGE", 0],
    ["1e400", "JSON_NUMBER_RANGE", 0],
  ])("refuses %j", (text, code, offset) => {
    expect(failure(() => parseJson(text))).toEqual({ code, offset });
  });

  test("refuses ill-formed UTF-8", () => {
    expect(failure(() => parseJson(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22))).code).toBe("JSON_ILL_FORMED_TEXT");
  });

  test("counts bytes, not characters, against the limit", () => {
    expect(parseJson('"é"', { maxBytes: 4 })).toBe("é");
    expect(failure(() => parseJson('"é"', { maxBytes: 3 })).code).toBe("JSON_TOO_LARGE");
    expect(parseJson('"😀"', { maxBytes: 6 })).toBe("😀");
    expect(failure(() => parseJson('"😀"', { maxBytes: 5 })).code).toBe("JSON_TOO_LARGE");
    expect(failure(() => parseJson(new TextEncoder().encode('"é"'), { maxBytes: 3 })).code).toBe(
      "JSON_TOO_LARGE",
    );
  });

  test("allows exactly the given depth", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(nested(64))).toBeInstanceOf(Array);
    expect(failure(() => parseJson(nested(65)))).toEqual({ code: "JSON_TOO_DEEP", offset: 64 });
    expect(failure(() => parseJson(nested(100_000))).code).toBe("JSON_TOO_DEEP");
  });

  test("reserves the names it is told to, and always __proto__", () => {
    expect(parseJson('{"constructor":1}', { reservedNames: [] })).toEqual({ constructor: 1 });
    expect(failure(() => parseJson('{"__proto__":1}', { reservedNames: [] })).code).toBe(
      "JSON_RESERVED_NAME",
    );
    expect(failure(() => parseJson('{"__entity":1}', { reservedNames: ["__entity"] })).code).toBe(
      "JSON_RESERVED_NAME",
    );
  });

  test("rounds large integers only when asked to", () => {
    expect(parseJson("9007199254740993", { unsafeIntegers: "round" })).toBe(9007199254740992);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses the limit %s", (limit) => {
    expect(() => parseJson("1", { maxBytes: limit })).toThrow(RangeError);
    expect(() => parseJson("1", { maxDepth: limit })).toThrow(RangeError);
  });
});

describe("parseJsonTree", () => {
  test("keeps numbers as they were written", () => {
    const tree = parseJsonTree('{"n":[1.0,1e400,123456789012345678901234567890]}') as { n: JsonNumber[] };
    expect(tree.n.map((number) => number.raw)).toEqual(["1.0", "1e400", "123456789012345678901234567890"]);
    expect(tree.n.map((number) => number.value)).toEqual([
      1,
      Number.POSITIVE_INFINITY,
      1.2345678901234568e29,
    ]);
  });
});
