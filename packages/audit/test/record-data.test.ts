import { verifyJournal } from "@symbiont/audit";
import { sha256Hex } from "@symbiont/keys";
import { canonicalJson, SymbiontError } from "@symbiont/kit";
import { describe, expect, test } from "vitest";
import { openJournal, record } from "./journal-fixtures.ts";
import { readRecords } from "./read-records.ts";
import { withFolder } from "./temporary-folder.ts";

class NotFound extends SymbiontError<"TEST_NOT_FOUND"> {}

/** What a strict journal, which refuses nothing of it, has kept of the data of a record. */
async function kept(data: unknown, more: object = {}): Promise<any> {
  return withFolder(async (folder) => {
    const journal = await openJournal(folder);
    const { sequence } = await journal.append(record("a", { data: data as never, ...more }));
    await journal.close();
    expect((await verifyJournal(folder, { trusted: [journal.verifierKey] })).records).toBe(3);
    return readRecords(folder)[sequence];
  });
}

describe("data that JSON cannot carry is kept as what comes closest", () => {
  const shared = { n: 1 };
  test.each<[string, unknown, unknown]>([
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a date that is none", new Date(Number.NaN), { omitted: "date" }],
    ["a bigint", -12n, "-12"],
    ["a number that is not finite", Number.NEGATIVE_INFINITY, "-Infinity"],
    ["no number", Number.NaN, "NaN"],
    ["minus zero", -0, 0],
    ["a lone surrogate", "a\ud800b\udc00", "a\ufffdb\ufffd"],
    ["a pair of surrogates", "\u{1f600}", "\u{1f600}"],
    ["a function", () => 1, { omitted: "function" }],
    ["a symbol", Symbol("s"), { omitted: "symbol" }],
    ["nothing in a list", [undefined, 1], [null, 1]],
    ["nothing as a member", { a: undefined, b: 1 }, { b: 1 }],
    [
      "a map",
      new Map<unknown, unknown>([
        ["k", new Date(0)],
        [1n, null],
      ]),
      [
        ["k", "1970-01-01T00:00:00.000Z"],
        ["1", null],
      ],
    ],
    ["a set", new Set([1, "b"]), [1, "b"]],
    [
      "an error of the system",
      Object.assign(new TypeError("secret"), { code: "ENOENT" }),
      { name: "TypeError", code: "ENOENT" },
    ],
    [
      "an error of ours",
      new NotFound("TEST_NOT_FOUND", "secret"),
      { name: "NotFound", code: "TEST_NOT_FOUND" },
    ],
    [
      "an error whose name is no word",
      Object.assign(new Error("secret"), { name: "a b" }),
      { name: "Error" },
    ],
    ["bytes", Buffer.from("secret"), { trunc: true, len: 6, sha256: sha256Hex("secret") }],
    [
      "a part of a buffer",
      new Uint16Array(Uint8Array.from(Buffer.from("xxsecret")).buffer, 2),
      { trunc: true, len: 6, sha256: sha256Hex("secret") },
    ],
    [
      "a buffer",
      new TextEncoder().encode("secret").buffer,
      { trunc: true, len: 6, sha256: sha256Hex("secret") },
    ],
    ["a text in a box", Object("boxed"), "boxed"],
    ["what shows itself", new URL("https://example.org/a"), "https://example.org/a"],
    ["what shows itself as it is", { n: 1, toJSON: (): unknown => shared }, { n: 1 }],
    [
      "an instance of a class",
      new (class Box {
        secret = "s";
      })(),
      { omitted: "object" },
    ],
    ["a promise", Promise.resolve(1), { omitted: "object" }],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    ["the same object twice", [shared, shared], [{ n: 1 }, { n: 1 }]],
    [
      "a member named __proto__",
      JSON.parse('{"__proto__":1,"(__proto__)":2}'),
      { "(__proto__)": 2, "(__proto__)\ufffd1": 1 },
    ],
  ])("%s", async (_, value, expected) => {
    expect((await kept({ value })).data).toEqual({ value: expected });
  });

  test("what is no object stands in a member of one", async () => {
    expect((await kept([1, 2])).data).toEqual({ value: [1, 2] });
    expect((await kept("text")).data).toEqual({ value: "text" });
    expect((await kept(new Date(0))).data).toEqual({ value: "1970-01-01T00:00:00.000Z" });
  });

  test("names that are the same once they can be read are told apart", async () => {
    const { data } = await kept({ "\ud800": 1, "\ud801": 2, "\ufffd": 3 });
    expect(new Set(Object.values(data as object))).toEqual(new Set([1, 2, 3]));
    expect(data["\ufffd"]).toBe(3);
  });

  test("text of every other part as well", async () => {
    const more = {
      actor: { kind: "agent", id: "a\ud800" },
      action: "\ud800",
      resource: { kind: "tool", id: "\udfff" },
      error: { name: "\ud800", code: "C" },
      trace: { traceId: "\ud800", spanId: "s" },
    };
    expect(await kept({}, more)).toMatchObject({
      actor: { id: "a\ufffd" },
      act: "\ufffd",
      res: { kind: "tool", id: "\ufffd" },
      err: { name: "\ufffd", code: "C" },
      trace: { t: "\ufffd", s: "s" },
    });
  });
});

describe("what is too large is cut, and says so", () => {
  test("long strings first, wherever they are", async () => {
    const text = "x".repeat(70_000);
    expect((await kept({ list: [text, "y".repeat(1_024)], short: "kept" })).data).toEqual({
      list: [{ trunc: true, len: 70_000, sha256: sha256Hex(text) }, "y".repeat(1_024)],
      short: "kept",
    });
  });

  test("then members that are still long, so that the others are kept", async () => {
    const list = Array.from({ length: 20_000 }, (_, index) => ({ index }));
    const { data } = await kept({ call: "c-1", list, at: new Date(0) });
    const text = canonicalJson(list);
    expect(data).toEqual({
      call: "c-1",
      at: "1970-01-01T00:00:00.000Z",
      list: { trunc: true, len: text.length, sha256: sha256Hex(text) },
    });
  });

  test("then all of it", async () => {
    const many = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`member${index}`, index]));
    const text = canonicalJson(many);
    expect((await kept(many)).data).toEqual({ trunc: true, len: text.length, sha256: sha256Hex(text) });
  });

  test("what would take too long to digest is only counted", async () => {
    const twice = (value: unknown): unknown => [value, value];
    let value: unknown = "leaf";
    for (let level = 0; level < 60; level += 1) value = twice(value);
    expect((await kept({ call: "c-1", value })).data).toEqual({
      call: "c-1",
      value: { trunc: true, len: 1_048_576 },
    });
  });

  test("names and rules keep their beginning, length and digest", async () => {
    const long = "n".repeat(70_000);
    const rules = Array.from({ length: 5_000 }, (_, index) => `rule-${index}-${"r".repeat(50)}`);
    const more = {
      actor: { kind: "agent", id: long },
      action: long,
      resource: { kind: "tool", id: `${"\u{1f600}".repeat(128)}${long}` },
      policy: { engine: "symbi", set: "sha256:0", rules, code: "deny.rule" },
    };
    const line = await kept({ call: "c-1" }, more);
    expect(line.actor.id).toBe(`${"n".repeat(256)}… [70000 units, sha256 ${sha256Hex(long)}]`);
    expect(line.res.id.startsWith("\u{1f600}".repeat(128))).toBe(true);
    expect(line.pol).toEqual({
      engine: "symbi",
      set: "sha256:0",
      code: "deny.rule",
      rules: [...rules.slice(0, 12), "… [5000 in all]"],
    });
    expect(line.data).toEqual({ call: "c-1" });
  });

  test("a record of nothing but the longest texts fits", async () => {
    const nasty = "\u0000\uffff".repeat(40_000);
    const line = await kept(
      { [nasty]: nasty },
      {
        type: "t".repeat(64),
        outcome: "success",
        attempt: Number.MAX_SAFE_INTEGER,
        actor: { kind: nasty, id: nasty, key: nasty },
        action: nasty,
        resource: { kind: nasty, id: nasty },
        policy: { engine: nasty, set: nasty, code: nasty, rules: Array.from({ length: 99 }, () => nasty) },
        error: { name: nasty, code: nasty },
        trace: { traceId: nasty, spanId: nasty },
      },
    );
    expect(line.data).toMatchObject({ trunc: true });
    expect(line.pol.rules).toHaveLength(13);
  });
});
