import { ApiKeyError, type ApiKeyErrorCode, tokenFromHeaders } from "@symbiont/api-keys";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf } from "./code-of.ts";

type Fields = readonly (readonly [name: string, value: string])[];

describe.each([
  ["rawHeaders", (fields: Fields) => fields.flat()],
  ["Headers", (fields: Fields) => new Headers(fields.map(([name, value]) => [name, value]))],
] as const)("%s", (_, source) => {
  const accepted: readonly Fields[] = [
    [["Authorization", "Bearer token"]],
    [["AUTHORIZATION", "bearer token"]],
    [["authorization", "BEARER token"]],
    [["X-API-Key", "token"]],
    [
      ["Authorization", "Basic dXNlcjpwYXNz"],
      ["x-api-key", "token"],
    ],
    [
      ["Host", "x"],
      ["Authorization", "Bearer token"],
      ["Accept", "*/*"],
    ],
  ];
  test.each(accepted.map((fields) => [JSON.stringify(fields), fields] as const))("%s", (_, fields) => {
    expect(tokenFromHeaders(source(fields))).toBe("token");
  });

  const refused: readonly (readonly [ApiKeyErrorCode, Fields])[] = [
    ["API_KEY_MISSING", []],
    ["API_KEY_MISSING", [["Authorization", "Basic dXNlcjpwYXNz"]]],
    ["API_KEY_MISSING", [["Authorization", "Bearerx token"]]],
    ["API_KEY_MISSING", [["Authorization", ""]]],
    ["API_KEY_MISSING", [["Cookie", "token"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", "Bearer  token"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", "Bearer"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", "Bearer\ttoken"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", "Bearer,token"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", "Bearer token token"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", "Bearer one, Bearer two"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", "Bearer one,two"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", "Bearer t\u00e9"]]],
    ["API_KEY_HEADER_INVALID", [["Authorization", `Bearer ${"x".repeat(513)}`]]],
    ["API_KEY_HEADER_INVALID", [["x-api-key", ""]]],
    ["API_KEY_HEADER_INVALID", [["x-api-key", "one two"]]],
    ["API_KEY_HEADER_INVALID", [["x-api-key", "one, two"]]],
    [
      "API_KEY_HEADER_INVALID",
      [
        ["x-api-key", "one"],
        ["X-Api-Key", "two"],
      ],
    ],
    [
      "API_KEY_HEADER_INVALID",
      [
        ["Authorization", "Bearer one"],
        ["authorization", "Bearer two"],
      ],
    ],
    [
      "API_KEY_HEADER_INVALID",
      [
        ["Authorization", "Bearer same"],
        ["x-api-key", "same"],
      ],
    ],
    [
      "API_KEY_HEADER_INVALID",
      [
        ["Authorization", "Bearer"],
        ["x-api-key", "token"],
      ],
    ],
  ];
  test.each(refused.map(([code, fields]) => [code, JSON.stringify(fields).slice(0, 80), fields] as const))(
    "%s %s",
    (code, _, fields) => {
      expect(codeOf(() => tokenFromHeaders(source(fields)))).toBe(code);
    },
  );
});

test("the extra header can be another one, or none", () => {
  expect(tokenFromHeaders(["X-Key", "t"], { header: "X-Key" })).toBe("t");
  expect(codeOf(() => tokenFromHeaders(["X-Api-Key", "t"], { header: "X-Key" }))).toBe("API_KEY_MISSING");
  expect(codeOf(() => tokenFromHeaders(["X-Api-Key", "t"], { header: false }))).toBe("API_KEY_MISSING");
});

test("whatever the headers hold, one printable token comes out or an error without it", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("authorization", "x-api-key"), fc.string())), (fields) => {
      try {
        expect(tokenFromHeaders(fields.flat())).toMatch(/^[\x21-\x7e]{1,512}$/);
      } catch (error) {
        expect(ApiKeyError.is(error)).toBe(true);
      }
    }),
  );
});
