import { isIP } from "node:net";
import { classifyIp, formatIp, isPublicIp, parseIp, tryParseIp } from "@symbiont/net";
import fc from "fast-check";
import { expect, test } from "vitest";

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join("."));
/** Text over the alphabet of addresses: often nearly right. */
const nearly = fc.string({ unit: fc.constantFrom(...Array.from("0123456789abcdefF:.:.::")), maxLength: 48 });

test("accepts exactly the texts that net.isIP accepts", () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    octets,
    nearly,
    fc.string(),
    mutated(fc.oneof(fc.ipV4(), fc.ipV6())),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      fc.pre(!candidate.includes("%"));
      expect(tryParseIp(candidate)?.version ?? 0).toBe(isIP(candidate));
    }),
    { numRuns: 20_000 },
  );
});

test("writes a text that reads back as the same address, and writes that the same way again", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseIp(text);
      const canonical = formatIp(address);
      expect(parseIp(canonical)).toEqual(address);
      expect(formatIp(parseIp(canonical))).toBe(canonical);
    }),
    { numRuns: 5_000 },
  );
});

test("writes IPv6 as the WHATWG URL parser does, mapped addresses apart", () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const written = formatIp(parseIp(text));
      fc.pre(!written.startsWith("::ffff:"));
      expect(`[${written}]`).toBe(new URL(`https://[${text}]/`).hostname);
    }),
    { numRuns: 5_000 },
  );
});

test("classifies every address as a slow table over big integers does", () => {
  fc.assert(
    fc.property(anyAddress(), (text) => {
      const address = parseIp(text);
      const expected = slowVerdict(text);
      expect({ text, name: classifyIp(address), allow: isPublicIp(address) }).toEqual({ text, ...expected });
    }),
    { numRuns: 20_000 },
  );
});

/** Each prefix: its class. The first that holds the address counts. */
const SLOW4: readonly (readonly [string, number, string])[] = [
  ["255.255.255.255", 32, "broadcast"],
  ["168.63.129.16", 32, "cloud_metadata"],
  ["0.0.0.0", 8, "this_network"],
  ["10.0.0.0", 8, "private"],
  ["127.0.0.0", 8, "loopback"],
  ["100.64.0.0", 10, "shared_cgnat"],
  ["172.16.0.0", 12, "private"],
  ["198.18.0.0", 15, "benchmark"],
  ["169.254.0.0", 16, "link_local"],
  ["192.168.0.0", 16, "private"],
  ["192.0.0.0", 24, "ietf_protocol"],
  ["192.0.2.0", 24, "documentation"],
  ["192.88.99.0", 24, "6to4_relay"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved"],
];
const SLOW6: readonly (readonly [bigint, number, string])[] = [
  [0n, 128, "unspecified"],
  [1n, 128, "loopback"],
  [0x0064ff9b0001n << 80n, 48, "nat64_local"],
  [0x0100n << 112n, 64, "discard"],
  [0x20010000n << 96n, 32, "teredo"],
  [0x20010000n << 96n, 23, "ietf_protocol"],
  [0x20010db8n << 96n, 32, "documentation"],
  [0x3fff0000n << 96n, 20, "documentation"],
  [0x5f00n << 112n, 16, "srv6_sid"],
  [0xfc00n << 112n, 7, "unique_local"],
  [0xfe80n << 112n, 10, "link_local"],
  [0xfec0n << 112n, 10, "site_local"],
  [0xff00n << 112n, 8, "multicast"],
  [0x2000n << 112n, 3, "public"],
];
/** Prefix of 6 × 16 bits, shift of the IPv4 address from the right, whether it is really reached. */
const CARRIERS: readonly (readonly [bigint, number, bigint, boolean])[] = [
  [0xffffn << 32n, 96, 0n, true],
  [0x0064ff9bn << 96n, 96, 0n, true],
  [0xffff0000n << 32n, 96, 0n, false],
  [0x2002n << 112n, 16, 80n, false],
  [0n, 96, 0n, false],
];

function slowVerdict(text: string): { name: string; allow: boolean } {
  if (isIP(text) === 4) {
    const name = slow4(big4(text));
    return { name, allow: name === "public" };
  }
  const value = big6(text);
  if (value > 1n)
    for (const [prefix, length, shift, reached] of CARRIERS)
      if (sharesPrefix(value, prefix, 128, length)) {
        const name = slow4((value >> shift) & 0xffffffffn);
        return { name: `embedded_${name}`, allow: reached && name === "public" };
      }
  const name =
    SLOW6.find(([prefix, length]) => sharesPrefix(value, prefix, 128, length))?.[2] ?? "unallocated";
  return { name, allow: name === "public" };
}

function slow4(value: bigint): string {
  return SLOW4.find(([net, length]) => sharesPrefix(value, big4(net), 32, length))?.[2] ?? "public";
}

function sharesPrefix(value: bigint, prefix: bigint, width: number, length: number): boolean {
  return value >> BigInt(width - length) === prefix >> BigInt(width - length);
}

function big4(text: string): bigint {
  return text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function big6(text: string): bigint {
  const hex = new URL(`https://[${text}]/`).hostname.slice(1, -1);
  const [left, right] = hex.split("::") as [string, string?];
  const head = left === "" ? [] : left.split(":");
  const tail = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => "0");
  return [...head, ...zeros, ...tail].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function anyAddress(): fc.Arbitrary<string> {
  const edge4 = fc
    .tuple(fc.constantFrom(...SLOW4), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([[net, length], offset, end]) => {
      const first = big4(net) + (end ? (1n << BigInt(32 - length)) - 1n : 0n) + BigInt(offset);
      return text4(first & 0xffffffffn);
    });
  const edge6 = fc
    .tuple(
      fc.constantFrom(...SLOW6, ...CARRIERS.map(([p, l]) => [p, l] as const)),
      fc.integer({ min: -2, max: 2 }),
      fc.boolean(),
    )
    .map(([[prefix, length], offset, end]) => {
      const value = prefix + (end ? (1n << BigInt(128 - length)) - 1n : 0n) + BigInt(offset);
      return text6(value & ((1n << 128n) - 1n));
    });
  const any4 = fc.oneof(fc.ipV4(), edge4);
  const carried = fc
    .tuple(fc.constantFrom(...CARRIERS), any4)
    .map(([[prefix, , shift], inner]) => text6(prefix | (big4(inner) << shift)));
  return fc.oneof(any4, edge6, carried, fc.ipV6());
}

function text4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
}

function text6(value: bigint): string {
  return Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  ).join(":");
}

function mutated(source: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(source, fc.nat(40), fc.constantFrom("", "0", ":", "::", ".", " ", "g", "[", "/", "\u0661"))
    .map(([text, at, insert]) => text.slice(0, at) + insert + text.slice(at + (at % 2)));
}
