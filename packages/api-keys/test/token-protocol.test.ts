import { tokenFromProtocols } from "@symbiont/api-keys";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codeOf } from "./code-of.ts";

const NAME = "Sec-WebSocket-Protocol";

describe.each([
  ["rawHeaders", (...lines: string[]) => lines.flatMap((line) => [NAME, line])],
  ["Headers", (...lines: string[]) => new Headers(lines.map((line) => [NAME, line]))],
] as const)("%s", (_, source) => {
  test.each([
    [["bearer.token"], []],
    [["chat, bearer.token"], ["chat"]],
    [["v2.chat,bearer.token ,v1.chat"], ["v2.chat", "v1.chat"]],
    [["chat", "bearer.token"], ["chat"]],
  ])("%j", (lines, protocols) => {
    expect(tokenFromProtocols(source(...lines))).toEqual({ token: "token", protocols });
  });

  test.each([
    ["API_KEY_MISSING", []],
    ["API_KEY_MISSING", ["chat"]],
    ["API_KEY_MISSING", ["Bearer.token"]],
    ["API_KEY_MISSING", ["bearertoken"]],
    ["API_KEY_HEADER_INVALID", ["bearer."]],
    ["API_KEY_HEADER_INVALID", ["bearer.one, bearer.two"]],
    ["API_KEY_HEADER_INVALID", ["bearer.one", "bearer.one"]],
    ["API_KEY_HEADER_INVALID", ["chat, chat, bearer.token"]],
    ["API_KEY_HEADER_INVALID", ["bearer.token, "]],
    ["API_KEY_HEADER_INVALID", ["bearer.to ken"]],
    ["API_KEY_HEADER_INVALID", ["bearer.token;q=1"]],
    ["API_KEY_HEADER_INVALID", ["bearer.tok\u00a0en"]],
    ["API_KEY_HEADER_INVALID", ["chat,\u00a0bearer.token"]],
    ["API_KEY_HEADER_INVALID", [`bearer.${"x".repeat(513)}`]],
    ["API_KEY_HEADER_INVALID", [`bearer.x, ${"y".repeat(4096)}`]],
  ])("%s %j", (code, lines) => {
    expect(codeOf(() => tokenFromProtocols(source(...lines)))).toBe(code);
  });
});

test("whatever is offered, one token comes out that is not among the rest, or an error without it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom("bearer.a", "bearer.b", "chat"))),
      (offered) => {
        const found = codeOf(() => tokenFromProtocols([NAME, offered.join(",")]));
        if (typeof found === "string") return;
        const { token, protocols } = found;
        expect(offered.map((protocol) => protocol.trim())).toContain(`bearer.${token}`);
        expect(protocols.some((protocol) => protocol.startsWith("bearer."))).toBe(false);
      },
    ),
  );
});
