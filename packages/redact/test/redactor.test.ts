import { createRedactor, isSensitiveName, RedactError, stripSensitive } from "@symbiont/redact";
import { describe, expect, test } from "vitest";

const SECRET = "s3cret-canary-value";
const redactor = createRedactor();
const hidden = (value: unknown, options = {}): string =>
  JSON.stringify(createRedactor(options).redact(value));

describe("names", () => {
  test("well-known names are found in any spelling, at any depth", () => {
    const value = {
      apiKey: SECRET,
      list: [{ "X-Api-Key": SECRET }],
      user_password: SECRET,
      dbpassword: SECRET,
    };
    expect(redactor.redact(value)).toEqual({
      apiKey: "[REDACTED:apiKey]",
      list: [{ "X-Api-Key": "[REDACTED:X-Api-Key]" }],
      user_password: "[REDACTED:user_password]",
      dbpassword: "[REDACTED:dbpassword]",
    });
  });

  test.each([
    "max_tokens",
    "author",
    "mapping",
    "keyword",
    "token_type",
    "has_password",
    "secretName",
    "monkey",
  ])("%s stays readable", (name) => {
    expect(isSensitiveName(name)).toBe(false);
  });

  test.each([
    "access_tokens",
    "cardPin",
    "seed phrase",
    "ｐａｓｓｗｏｒｄ",
    "pass\u200bword",
    "SECRET_ACCESS_KEY",
    "iban",
  ])("%s is secret", (name) => {
    expect(isSensitiveName(name)).toBe(true);
  });

  test("names of the caller are folded, or exact", () => {
    expect(hidden({ "Patient-Id": SECRET }, { sensitiveParams: ["patientId"] })).not.toContain(SECRET);
    expect(hidden({ "Patient-Id": SECRET }, { sensitiveParams: ["patientId"], exact: true })).toContain(
      SECRET,
    );
  });

  test("a name that holds a secret is not shown", () => {
    expect(hidden({ "sk-ant-api03-AbCdEfGhIjKlMnOpQrStUv": 1 })).toBe('{"[REDACTED:API_KEY]":1}');
  });
});

describe("replacement", () => {
  test("remove leaves members and items out", () => {
    const schema = { properties: { pins: { items: { writeOnly: true } } } };
    const strict = createRedactor({ replacement: "remove" });
    expect(strict.redact({ password: SECRET, pins: ["a", "b"], ok: 1 }, schema)).toEqual({ pins: [], ok: 1 });
    expect(strict.redact(SECRET, { writeOnly: true })).toBeNull();
  });

  test("hash tells equal values from others, and depends on the key", () => {
    const tagged = (fill: number, value: unknown): string =>
      hidden({ token: value }, { replacement: { hmacKey: new Uint8Array(32).fill(fill) } });
    expect(tagged(1, SECRET)).toMatch(/^{"token":"\[REDACTED:token:[0-9a-f]{8}\]"}$/);
    expect(tagged(1, SECRET)).toBe(tagged(1, SECRET));
    expect(tagged(2, SECRET)).not.toBe(tagged(1, SECRET));
    expect(tagged(1, "1")).not.toBe(tagged(1, 1));
    expect(tagged(1, { a: SECRET })).toBe('{"token":"[REDACTED:token]"}');
  });
});

describe("values", () => {
  test("objects of known classes become plain data", () => {
    const error = Object.assign(new TypeError(`password=${SECRET}`), {
      code: "E_X",
      cause: { token: SECRET },
    });
    const value = {
      map: new Map<unknown, unknown>([
        ["password", SECRET],
        [{}, 1],
      ]),
      set: new Set([1, `token=${SECRET}`]),
      error,
      headers: new Headers({ authorization: `Bearer ${SECRET}`, accept: "*/*" }),
      url: new URL(`https://user:${SECRET}@example.com/?api_key=${SECRET}`),
      query: new URLSearchParams([
        ["token", SECRET],
        ["a", "1"],
        ["a", "2"],
      ]),
      bytes: Buffer.from(SECRET),
      buffer: new ArrayBuffer(3),
      date: new Date(0),
      badDate: new Date(Number.NaN),
      big: 1n,
      boxed: new String(`secret=${SECRET}`),
      nan: Number.NaN,
      nothing: undefined,
      call: () => SECRET,
      [Symbol("x")]: SECRET,
      list: [undefined, () => 1, null],
    };
    const result = redactor.redact(value);
    expect(JSON.stringify(result)).not.toContain(SECRET);
    expect(result).toMatchObject({
      map: { password: "[REDACTED:password]", "[object 0]": 1 },
      error: {
        name: "TypeError",
        message: "password=[REDACTED]",
        code: "E_X",
        cause: { token: "[REDACTED:token]" },
      },
      headers: { authorization: "[REDACTED:authorization]", accept: "*/*" },
      query: { a: ["1", "2"] },
      bytes: `[Binary ${SECRET.length}]`,
      buffer: "[Binary 3]",
      date: "1970-01-01T00:00:00.000Z",
      badDate: "Invalid Date",
      big: "1",
      nan: "NaN",
      list: [null, null, null],
    });
    expect(Object.keys(result as object)).not.toContain("call");
  });

  test("the original is left as it was, and the copy shares nothing with it", () => {
    const value = Object.freeze({ a: Object.freeze({ password: SECRET }), b: Object.freeze([1]) });
    const result = redactor.redact(value) as { a: unknown; b: unknown };
    expect(value.a.password).toBe(SECRET);
    expect(result.b).toEqual(value.b);
    expect(result.b).not.toBe(value.b);
  });

  test("JSON inside strings is looked into, also twice", () => {
    const inner = JSON.stringify({ password: SECRET, n: 1 });
    expect(redactor.redact({ body: inner })).toEqual({ body: '{"password":"[REDACTED:password]","n":1}' });
    expect(hidden({ body: JSON.stringify({ body: inner }) })).not.toContain(SECRET);
    expect(hidden('{"a":{"password":"s3cret-canary-value"},"a":1}')).not.toContain(SECRET);
  });

  test("cycles end, shared objects do not count as such", () => {
    const shared = { a: 1 };
    const value: Record<string, unknown> = { x: shared, y: shared };
    value["self"] = value;
    expect(redactor.redact(value)).toEqual({ x: { a: 1 }, y: { a: 1 }, self: "[Circular]" });
  });

  test("limits replace what is beyond them", () => {
    const small = createRedactor({ maxDepth: 2, maxNodes: 5, maxTextLength: 10 });
    expect(small.redact({ a: { b: { c: 1 } } })).toEqual({ a: { b: "[REDACTED:limit]" } });
    expect(small.redact("x".repeat(11))).toBe("[REDACTED:limit]");
    expect(JSON.stringify(small.redact([1, 2, 3, 4, 5, 6]))).toBe('[1,2,3,4,"[REDACTED:limit]"]');
    expect(small.redactText("x".repeat(11))).toBe("[REDACTED:limit]");
  });
});

describe("known values", () => {
  const value = 'p@ss "word"/ü 1234';
  const bytes = Buffer.from(value);

  test.each([
    ["as it is", value],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["base64", bytes.toString("base64")],
    ["base64url", bytes.toString("base64url")],
    ["base64 inside more base64", Buffer.from(`alice:${value}`).toString("base64")],
    ["hex", bytes.toString("hex")],
    ["upper-case hex", bytes.toString("hex").toUpperCase()],
    ["URL-encoded", encodeURIComponent(value)],
    ["form-encoded", new URLSearchParams({ a: value }).toString().slice(2)],
  ])("are found written as %s", (_, spelling) => {
    const scrubber = createRedactor({ scanStrings: false, builtInNames: false });
    const forget = scrubber.register(value);
    const text = `before ${spelling} after`;
    expect(scrubber.redact({ text })).not.toEqual({ text });
    expect(JSON.stringify(scrubber.redact({ [text]: 1 }))).toContain("[REDACTED:known]");
    forget();
    expect(scrubber.redact({ text })).toEqual({ text });
  });

  test("count from when they are registered, in names that were shown before", () => {
    const scrubber = createRedactor();
    expect(scrubber.redact({ "known-name": 1 })).toEqual({ "known-name": 1 });
    const forget = scrubber.register("known-name");
    expect(scrubber.redact({ "known-name": 1 })).toEqual({ "[REDACTED:known]": 1 });
    forget();
    expect(scrubber.redact({ "known-name": 1 })).toEqual({ "known-name": 1 });
  });

  test("refuse what would be found everywhere, and more than can be kept", () => {
    const scrubber = createRedactor();
    const code = (run: () => unknown): string | undefined => {
      try {
        run();
        return undefined;
      } catch (error) {
        return RedactError.is(error) ? error.code : "other";
      }
    };
    expect(code(() => scrubber.register("1234567"))).toBe("REDACT_VALUE_TOO_SHORT");
    expect(code(() => scrubber.register("x".repeat(4_097)))).toBe("REDACT_VALUE_TOO_LONG");
    for (let index = 0; index < 1_000; index += 1) scrubber.register(`value-${index}-of-many`);
    expect(code(() => scrubber.register("value-0-of-many"))).toBeUndefined();
    expect(code(() => scrubber.register("one too many"))).toBe("REDACT_REGISTER_FULL");
  });
});

test("sample values leave a schema with the secrets they stand for", () => {
  const schema = {
    properties: { a: { writeOnly: true, default: SECRET, examples: [SECRET] }, b: { default: 1 } },
  };
  expect(stripSensitive(schema)).toEqual({ properties: { a: { writeOnly: true }, b: { default: 1 } } });
  const house = {
    properties: { a: { "x-house": true, default: SECRET }, b: { format: "pan", const: SECRET } },
  };
  expect(
    JSON.stringify(stripSensitive(house, { markers: ["x-house"], markedFormats: ["pan"] })),
  ).not.toContain(SECRET);
  expect(() => stripSensitive({}, { markers: [1] as never })).toThrow("markers");
});

test.each([
  ["maxDepth", { maxDepth: 0 }, RangeError],
  ["maxNodes", { maxNodes: 1.5 }, RangeError],
  ["sensitiveParams", { sensitiveParams: ["--"] }, RangeError],
  ["sensitiveParams", { sensitiveParams: [1] }, TypeError],
  ["scanStrings", { scanStrings: "no" }, TypeError],
  ["replacement", { replacement: "hash" }, TypeError],
  ["replacement", { replacement: { hmacKey: new Uint8Array(8) } }, RangeError],
])("a wrong %s is refused by name", (name, options, error) => {
  expect(() => createRedactor(options as never)).toThrow(error);
  expect(() => createRedactor(options as never)).toThrow(name);
});
