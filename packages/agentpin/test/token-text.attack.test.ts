import { describe, expect, test } from "vitest";
import { encode, HEADER, judge } from "./attack.ts";
import { rawToken, refused, signedToken, World } from "./world.ts";

test.each(["null", "[]", "1", '"x"', "true", ""])(
  "3 a payload that is %s refuses, and does not throw",
  async (payload) => {
    expect(await judge((world) => rawToken(world.key, HEADER, payload))).toBe(
      "1 ALGORITHM_REJECTED malformed",
    );
  },
);

test.each<[string, (world: World) => [string, string]]>([
  ["in the header", (world) => [HEADER.replace("{", '{"alg":"none",'), JSON.stringify(world.claims())]],
  ["in the payload", (world) => [HEADER, JSON.stringify(world.claims()).replace("{", '{"sub":"x",')]],
  [
    "below",
    (world) => [HEADER, JSON.stringify(world.claims({ x: 1 })).replace('"x":1', '"x":{"a":1,"a":2}')],
  ],
  ["spelt otherwise", (world) => [HEADER, JSON.stringify(world.claims()).replace("{", '{"\\u0073ub":"x",')]],
])("4 a member that is there twice %s refuses", async (_, parts) => {
  expect(await judge((world) => rawToken(world.key, ...parts(world)))).toBe(
    "1 ALGORITHM_REJECTED duplicate_member",
  );
});

describe("5 base64url has one spelling", () => {
  test.each<[string, (token: string) => string]>([
    ["padding", (token) => `${token}=`],
    ["a new line at the end", (token) => `${token}\n`],
    ["a space inside", (token) => `${token.slice(0, -9)} ${token.slice(-9)}`],
    ["the other alphabet", (token) => `${token.slice(0, -9)}+/${token.slice(-7)}`],
  ])("not with %s", async (_, change) => {
    expect(await judge((world) => change(world.token()))).toBe("1 ALGORITHM_REJECTED base64url");
  });

  test("not with stray bits in the last character", async () => {
    const outcome = await judge((world) => {
      const payload = encode(JSON.stringify(world.claims({ x: "1".repeat(3) })));
      const body =
        payload.length % 4 === 0 ? encode(JSON.stringify(world.claims({ x: "1".repeat(4) }))) : payload;
      const last = body.charAt(body.length - 1);
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const stray = alphabet.charAt(alphabet.indexOf(last) + 1);
      return signedToken(world.key, encode(HEADER), body.slice(0, -1) + stray);
    });
    expect(outcome).toBe("1 ALGORITHM_REJECTED base64url");
  });

  test("not with bytes that are no text", async () => {
    const outcome = await judge((world) =>
      signedToken(world.key, encode(HEADER), Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")),
    );
    expect(outcome).toBe("1 ALGORITHM_REJECTED malformed");
  });
});

test("a token cannot pass for a refusal, nor a refusal for a document", async () => {
  const world = new World();
  const token = world.token({ valid: false, protocolCode: "X", retryable: true });
  const result = await world.verifier().verify(token);
  expect(result.valid).toBe(true);
});

test("a hostile object in the place of a token is a refusal", async () => {
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
    },
  );
  const verifier = new World().verifier();
  expect(await verifier.verify(hostile)).toEqual(refused("ALGORITHM_REJECTED", "malformed"));
});
