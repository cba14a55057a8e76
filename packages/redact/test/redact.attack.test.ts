import { createRedactor } from "@symbiont/redact";
import { describe, expect, test } from "vitest";

const SECRET = "s3cret-canary-value";
const redactor = createRedactor();
const out = (value: unknown): string => JSON.stringify(redactor.redact(value));
const fail = (): never => {
  throw new Error(SECRET);
};

describe("no code of a value runs", () => {
  test("getters, toJSON, toString, iterators and tags", () => {
    class Trap {
      data = 1;
      toJSON = fail;
      override = fail;
      get inherited(): never {
        return fail();
      }
      get [Symbol.toStringTag](): never {
        return fail();
      }
      toString(): never {
        return fail();
      }
    }
    const map = Object.assign(new Map([["a", 1]]), { forEach: fail, [Symbol.iterator]: fail });
    const list = Object.assign([1], { toJSON: fail, map: fail });
    const own = Object.defineProperty({ b: 2 }, "a", { enumerable: true, get: fail });
    const item = Object.defineProperty([1, 2], 0, { get: fail });
    expect(redactor.redact({ trap: new Trap(), map, list, own, item })).toEqual({
      trap: { data: 1 },
      map: { a: 1 },
      list: [1],
      own: { b: 2 },
      item: [null, 2],
    });
  });

  test("what a view or a buffer says about its length", () => {
    const views = [new Uint8Array(3), new DataView(new ArrayBuffer(3)), new ArrayBuffer(3), Buffer.alloc(3)];
    for (const view of views) {
      Object.defineProperty(view, "byteLength", { get: fail });
      expect(redactor.redact({ view })).toEqual({ view: "[Binary 3]" });
    }
    const lying = Object.defineProperty(new Uint8Array(3), "byteLength", { value: SECRET });
    expect(redactor.redact(lying)).toBe("[Binary 3]");
  });

  test("an error's own getters", () => {
    const error = Object.defineProperties(new Error("x"), { stack: { get: fail }, message: { get: fail } });
    expect(redactor.redact(error)).toEqual({ name: "Error" });
  });
});

test("bytes that were written as JSON before are not shown number by number", () => {
  const bytes = Buffer.from(SECRET);
  const written = JSON.parse(JSON.stringify({ key: bytes, note: "x" })) as unknown;
  const shown = { key: `[Binary ${bytes.length}]`, note: "x" };
  expect(redactor.redact(written)).toEqual(shown);
  expect(redactor.redact(JSON.stringify({ key: bytes, note: "x" }))).toBe(JSON.stringify(shown));
  const others = [{ type: "Buffer" }, { type: "Buffer", data: "text" }, { type: "Array", data: [1] }];
  for (const other of others) expect(redactor.redact(other)).toEqual(other);
});

describe("what fails is redacted", () => {
  test.each(["ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf"] as const)(
    "a proxy that throws in %s",
    (trap) => {
      const proxy = new Proxy({ note: SECRET }, { [trap]: fail });
      expect(redactor.redact({ proxy, ok: 1 })).toEqual({ proxy: "[REDACTED:error]", ok: 1 });
    },
  );

  test("a proxy that answers differently each time", () => {
    let turn = 0;
    const proxy = new Proxy(
      { password: SECRET },
      {
        getOwnPropertyDescriptor: (target, name) => {
          turn += 1;
          return {
            ...Object.getOwnPropertyDescriptor(target, name),
            value: `${SECRET}${turn}`,
          };
        },
      },
    );
    expect(out(proxy)).not.toContain(SECRET);
  });

  test("a revoked proxy, and things that are not what they claim", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(redactor.redact(proxy)).toBe("[REDACTED:error]");
    for (const prototype of [Map.prototype, Set.prototype, Date.prototype, URL.prototype, String.prototype])
      expect(redactor.redact(Object.create(prototype))).toBe("[REDACTED:error]");
  });
});

describe("hostile shapes", () => {
  test("__proto__ is data and changes no prototype", () => {
    const value = JSON.parse(`{"__proto__":{"password":"${SECRET}","polluted":1}}`) as object;
    const result = redactor.redact(value) as object;
    expect(JSON.stringify(result)).toBe('{"__proto__":{"password":"[REDACTED:password]","polluted":1}}');
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test("deep nesting, as objects, as schema and as text", () => {
    let value: object = { password: SECRET };
    for (let index = 0; index < 50_000; index += 1) value = { a: value };
    expect(out(value)).toContain("[REDACTED:limit]");
    expect(out("[".repeat(100_000) + "]".repeat(100_000))).toContain("[REDACTED:limit]");
    let schema: object = { writeOnly: true };
    for (let index = 0; index < 50_000; index += 1) schema = { properties: { a: schema } };
    expect(JSON.stringify(redactor.redact({ a: { a: 1 } }, schema as never))).toBe('{"a":{"a":1}}');
  });

  test("references that lead in circles, and schemas made to have endless states", () => {
    const circle = { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" };
    expect(redactor.redact({ a: 1 }, circle)).toEqual({ a: 1 });
    const states: Record<string, object> = {};
    for (let index = 0; index < 14; index += 1)
      states[`s${index}`] = {
        properties: { x: { $ref: `#/$defs/s${index + 1}` }, y: { $ref: "#/$defs/s0" } },
      };
    states["s14"] = { writeOnly: true };
    const wide = { $defs: states, $ref: "#/$defs/s0", properties: { x: { $ref: "#" }, y: { $ref: "#" } } };
    let value: object = { end: 1 };
    for (let index = 0; index < 60; index += 1) value = { [index % 3 === 0 ? "x" : "y"]: value };
    expect(() => redactor.redact(value, wide as never)).not.toThrow();
  });

  test("a wide value stops at the limit", () => {
    const sparse: unknown[] = [];
    sparse.length = 4_294_967_295;
    expect((redactor.redact(sparse) as unknown[]).length).toBeLessThan(100_002);
  });

  test("one long text in many places is scanned only so often", () => {
    const text = "x ".repeat(500_000);
    expect(out(Array.from({ length: 1_000 }, () => text)).length).toBeLessThan(50_000_000);
  });

  test("names hidden by escapes, case, width and invisible characters", () => {
    expect(out('{"p\\u0061ssword":"s3cret-canary-value"}')).not.toContain(SECRET);
    expect(out({ ＡＰＩＫＥＹ: SECRET, "api\u200b_key": SECRET, "api.key": SECRET })).not.toContain(SECRET);
  });
});

describe("secrets in text", () => {
  const found: [string, string][] = [
    ["ASIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"],
    ["hvs.CAESIJabcdefghij0123456789", "CAESIJ"],
    ["-----BEGIN ENCRYPTED PRIVATE KEY-----\nQUJD\n-----END ENCRYPTED PRIVATE KEY-----", "QUJD"],
    ["-----BEGIN PRIVATE KEY-----\nQUJDQUJD", "QUJD"],
    ['api_key="abc123def456"', "abc123"],
    [String.raw`{\"password\":\"correct horse\"}`, "horse"],
    ["{'client_secret': 'abc\\'def'}", "def"],
    ["aws_secret_access_key=wJalrXUtnFEMI", "wJalr"],
    ["Cookie: a=b; session=xyz123456", "xyz"],
    ["curl https://x.example/?access_token=abc12345&x=1", "abc12345"],
    ["postgres://user:p/ss#w@db/x", "ss#w"],
    ["https://abcdefghijklmnop12345@example.com", "abcdefghijklmnop12345"],
    ["deploy --api-key abcd1234 now", "abcd1234"],
    ["ak_J1do4qnLbgFM.xjbVszjEpCRvnUhUuPFgPmWh31ADKwdY3FQjEBLW4Rj4AIrgc", "xjbV"],
    ["password => 'hunter2'", "hunter2"],
  ];
  test.each(found)("%s", (text, secret) => {
    expect(redactor.redactText(text)).not.toContain(secret);
  });

  test("a token whose prefix is the end of another token", () => {
    const text = "sk-AbCdEfGhIjKlMnOpQrSt-hvs.CAESIJabcdefghij0123456789";
    expect(redactor.redactText(text)).toBe("[REDACTED:API_KEY]");
  });

  test("names of any length, and digits on one side", () => {
    for (const name of [
      `${"a".repeat(80)}_password`,
      "2password",
      "password2",
      `9${"_a".repeat(40)}_password_9`,
    ])
      expect(redactor.redactText(`${name}=${SECRET}`)).not.toContain(SECRET);
    expect(redactor.redactText("Cookie: a")).toBe("Cookie: [REDACTED]");
  });

  test.each([
    "token authentication is required",
    "password: required",
    "max_tokens: 4096000000",
    "task-force-0123456789-abcdefghij",
    "see http://localhost:8080/a@b",
    "at 10:11:12 the count = 17",
    "ratio 1:2, key: value",
    "call 1700000000 or 4532123456789012 by a@b.co",
  ])("%s stays", (text) => {
    expect(redactor.redactText(text)).toBe(text);
  });
});

describe("a secret written as a number", () => {
  const redactor = createRedactor({ personalData: true });
  redactor.register("9876543210123");

  test.each([
    ["a known value", 9_876_543_210_123, "[REDACTED:known]"],
    ["a payment card", 4_111_111_111_111_111, "[REDACTED:CARD]"],
  ])("is found: %s", (_, value, shown) => {
    expect(redactor.redact({ value, list: [value], text: JSON.stringify({ value }) })).toEqual({
      value: shown,
      list: [shown],
      text: JSON.stringify({ value: shown }),
    });
  });

  test("leaves other numbers as they are", () => {
    const numbers = { time: 1_700_000_000_000, big: 4_111_111_111_111_112, part: 12_345_678.5, huge: 1e300 };
    expect(redactor.redact(numbers)).toEqual(numbers);
  });

  test("is left by rules that look at no strings either, unless it is known", () => {
    const exact = createRedactor({ exact: true });
    exact.register("9876543210123");
    expect(exact.redact([9_876_543_210_123, 4_111_111_111_111_111])).toEqual([
      "[REDACTED:known]",
      4_111_111_111_111_111,
    ]);
  });
});
