import crypto, { createHmac } from "node:crypto";
import { type HmacCrypto, RuntimeHmac, type RuntimeHmacHash } from "@symbiont/kit/runtime-hmac";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

// RFC 4231 and RFC 2202, test case 6: a key longer than the block.
const LONG_KEY: readonly [RuntimeHmacHash, number, string][] = [
  ["sha1", 80, "aa4ae5e15272d00e95705637ce8a3b55ed402112"],
  ["sha256", 131, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"],
  [
    "sha512",
    131,
    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
  ],
];

const without: HmacCrypto = { ...crypto, hash: undefined as never };
const hashes = fc.constantFrom<RuntimeHmacHash>("sha1", "sha256", "sha512");
const text = fc.string({ unit: "grapheme", maxLength: 60 });

function expected(
  hash: RuntimeHmacHash,
  secret: Uint8Array,
  parts: readonly (string | Uint8Array)[],
): string {
  const hmac = createHmac(hash, secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest("binary");
}

describe.each([
  ["in single calls", crypto as HmacCrypto],
  ["where the runtime has no single call", without],
])("HMAC %s", (_, implementation) => {
  test.each(LONG_KEY)(
    "gives the published tag under a key longer than the block: %s",
    (hash, length, tag) => {
      const hmac = new RuntimeHmac(implementation, hash, new Uint8Array(length).fill(0xaa));
      const message = "Test Using Larger Than Block-Size Key - Hash Key First";
      expect(Buffer.from(hmac.tag(message), "latin1").toString("hex")).toBe(tag);
    },
  );

  test("gives the tag of the runtime's own object, whatever came before", () => {
    fc.assert(
      fc.property(
        hashes,
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.array(fc.tuple(text, fc.uint8Array({ maxLength: 300 }), text), { minLength: 1, maxLength: 4 }),
        (hash, secret, messages) => {
          const hmac = new RuntimeHmac(implementation, hash, secret);
          for (const parts of messages) expect(hmac.tag(...parts)).toBe(expected(hash, secret, parts));
        },
      ),
    );
  });
});

test("gives the right tag on both sides of every border of its buffer", () => {
  const secret = new Uint8Array(32).fill(7);
  for (const hash of ["sha1", "sha256", "sha512"] as const) {
    const hmac = new RuntimeHmac(crypto, hash, secret);
    for (const size of [0, 1, 63, 64, 65, 127, 128, 3967, 3968, 4095, 4096, 4097, 70_000]) {
      const body = new Uint8Array(size).fill(1);
      expect(hmac.tag("", body)).toBe(expected(hash, secret, [body]));
    }
    for (const length of [1365, 1366, 8192]) {
      const euros = "\u20ac".repeat(length); // three bytes each
      expect(hmac.tag(euros)).toBe(expected(hash, secret, [euros]));
      expect(hmac.tag("a", new Uint8Array(3), euros)).toBe(
        expected(hash, secret, ["a", new Uint8Array(3), euros]),
      );
    }
  }
});

test("keys do not get in each other's way", () => {
  const secrets = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
  const keys = secrets.map((secret) => new RuntimeHmac(crypto, "sha256", secret));
  for (const message of ["a", "a longer one", ""])
    for (const [index, hmac] of keys.entries())
      expect(hmac.tag(message)).toBe(expected("sha256", secrets[index] as Uint8Array, [message]));
});

test("the secret is copied, and an empty one refused", () => {
  const secret = new Uint8Array(32).fill(7);
  const hmac = new RuntimeHmac(crypto, "sha256", secret);
  const before = hmac.tag("x");
  secret.fill(0);
  expect(hmac.tag("x")).toBe(before);
  expect(hmac.tag("x", new Uint8Array(9000))).not.toBe(before);
  expect(() => new RuntimeHmac(crypto, "sha256", new Uint8Array())).toThrow(RangeError);
});
