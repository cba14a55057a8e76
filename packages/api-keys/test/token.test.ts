import { ApiKeys, MemoryStore, parseToken, TOKEN_PATTERN } from "@symbiont/api-keys";
import fc from "fast-check";
import { expect, test } from "vitest";

const peppers = [{ id: "p1", key: new Uint8Array(32).fill(7) }];

async function tokens(count: number, prefix?: string): Promise<string[]> {
  const store = new MemoryStore();
  const keys = new ApiKeys({
    store,
    hashing: "hmac-sha256",
    peppers,
    ...(prefix !== undefined && { prefix }),
  });
  const issued = await Promise.all(Array.from({ length: count }, () => keys.create({ agents: ["a"] })));
  return issued.map(({ token }) => token.reveal());
}

test("tokens have the promised shape, are all different and use every character alike", async () => {
  const made = await tokens(2000);
  expect(new Set(made).size).toBe(2000);
  const counts = new Map<string, number>();
  for (const token of made) {
    expect(token).toMatch(TOKEN_PATTERN);
    expect(token).toHaveLength(65);
    for (const character of token.slice(16, 59)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const expected = (2000 * 43) / 62;
  const chiSquare = [...counts.values()].reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
  expect(counts.size).toBe(62);
  expect(chiSquare).toBeLessThan(130); // 61 degrees of freedom: by chance once in a million
});

test("the prefix is part of the token", async () => {
  const [token] = await tokens(1, "aktest");
  expect(parseToken(token as string)?.prefix).toBe("aktest");
});

test("no single changed, lost, doubled or swapped character goes unnoticed", async () => {
  const [token = ""] = await tokens(1);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      if (changed !== token) expect(parseToken(changed)).toBeUndefined();
      expect(parseToken(token.slice(0, at) + token.slice(at + 1))).toBeUndefined();
      expect(parseToken(token.slice(0, at) + other + token.slice(at))).toBeUndefined();
      const swapped = token.slice(0, at) + (token[at + 1] ?? "") + token[at] + token.slice(at + 2);
      if (swapped !== token) expect(parseToken(swapped)).toBeUndefined();
    }),
  );
});

test("any text is read without throwing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(parseToken(text)).toBeUndefined();
    }),
  );
});
