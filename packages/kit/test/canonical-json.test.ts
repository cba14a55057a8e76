import { canonicalJson, compareCodePoints, parseJsonTree, SCHEMAPIN_V1, writeJsonTree } from "@symbiont/kit";
import { describe, expect, test } from "vitest";

describe("canonicalJson", () => {
  // RFC 8785 appendix B: IEEE 754 bit patterns and their text.
  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("writes the double %s as %s", (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, "hex").readDoubleBE())).toBe(text);
  });

  test("leaves out undefined members unless told to refuse them", () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
    expect(() => canonicalJson({ b: undefined }, { undefinedMembers: "refuse" })).toThrow(
      expect.objectContaining({ code: "CANONICAL_UNSUPPORTED_VALUE" }),
    );
  });

  test.each([
    [
      "a getter",
      {
        get a() {
          return 1;
        },
      },
    ],
    ["a setter", { set a(_: number) {} }],
    ["a member named __proto__", JSON.parse('{"__proto__":1}')],
    ["toJSON", { toJSON: () => 1 }],
    [
      "a class instance",
      new (class Thing {
        a = 1;
      })(),
    ],
    ["an array subclass", new (class List extends Array {})()],
    ["a hole", [1, , 2]],
    ["undefined in an array", [undefined]],
    ["a boxed number", Object(1)],
    ["bytes", new Uint8Array(2)],
    ["negative infinity", -Infinity],
    ["undefined itself", undefined],
  ])("refuses %s", (_, value) => {
    expect(() => canonicalJson(value)).toThrow(
      expect.objectContaining({ code: "CANONICAL_UNSUPPORTED_VALUE" }),
    );
  });

  test("never runs a getter", () => {
    let ran = false;
    const value = {
      get a() {
        ran = true;
        return 1;
      },
    };
    expect(() => canonicalJson(value)).toThrow();
    expect(ran).toBe(false);
  });

  test("takes objects without a prototype", () => {
    expect(canonicalJson(Object.assign(Object.create(null), { b: 1, a: 2 }))).toBe('{"a":2,"b":1}');
  });

  test("sorts long lists of names too", () => {
    const names = Array.from({ length: 200 }, (_, index) => `k${(index * 7919) % 200}`);
    const object = Object.fromEntries(names.map((name) => [name, 1]));
    expect(Object.keys(JSON.parse(canonicalJson(object)) as object)).toEqual([...names].sort());
  });

  test("refuses nesting beyond the limit, and so cycles", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(() => canonicalJson(cycle)).toThrow(expect.objectContaining({ code: "CANONICAL_TOO_DEEP" }));
    expect(canonicalJson([[1]], { maxDepth: 2 })).toBe("[[1]]");
    expect(() => canonicalJson([[1]], { maxDepth: 1 })).toThrow(
      expect.objectContaining({ code: "CANONICAL_TOO_DEEP" }),
    );
  });
});

describe("the schemapin-v1 form", () => {
  test("orders names by code point, not by UTF-16 unit", () => {
    expect(writeJsonTree(parseJsonTree('{"\\uffff":1,"\\ud83d\\ude00":2,"a":3}'), SCHEMAPIN_V1)).toBe(
      '{"a":3,"\uffff":1,"😀":2}',
    );
  });

  test("compares like UTF-8 bytes", () => {
    const texts = ["", "a", "ab", "é", "\ud7ff", "\ue000", "\uffff", "😀", "😀a", "\u{10ffff}"];
    for (const a of texts) {
      for (const b of texts)
        expect(Math.sign(compareCodePoints(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }
  });
});
