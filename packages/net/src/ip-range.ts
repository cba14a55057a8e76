import { excerpt } from "@symbiont/kit";
import { type IpAddress, isMapped, tryParseIp, unmapIp } from "./ip-address.ts";

/** An address prefix: the network's words and the mask over them. */
export interface IpRange {
  readonly version: 4 | 6;
  readonly network: IpAddress;
  readonly mask: IpAddress;
}

/**
 * Builds a test for "is in one of these addresses or CIDR ranges". Bits behind the prefix are ignored.
 *
 * IPv4 ranges also match IPv4-mapped IPv6 addresses; `0.0.0.0/0` matches no other IPv6 address and `::/0` no
 * IPv4 address. Time grows with the number of ranges.
 *
 * @param option what to call the list in an error.
 * @throws TypeError when an entry is neither an address nor a CIDR range.
 */
export function createIpMatcher(
  entries: readonly string[],
  option = "entries",
): (address: IpAddress) => boolean {
  if (!Array.isArray(entries)) throw new TypeError(`${option} must be a list of addresses and CIDR ranges`);
  const ranges = entries.map((entry: unknown, index) => {
    const range = typeof entry === "string" ? parseIpRange(entry) : undefined;
    if (range !== undefined) return range;
    const got = typeof entry === "string" ? excerpt(entry) : typeof entry;
    throw new TypeError(`${option}[${index}] must be an IP address or a CIDR range, got ${got}`);
  });
  const ranges4 = ranges.filter((range) => range.version === 4);
  const ranges6 = ranges.filter((range) => range.version === 6);
  const networks4 = Int32Array.from(ranges4, ({ network }) => network.d);
  const masks4 = Int32Array.from(ranges4, ({ mask }) => mask.d);
  return (address) => {
    if (!isMapped(address)) return ranges6.some((range) => rangeHolds(range, address));
    for (let index = 0; index < networks4.length; index += 1)
      if (((address.d ^ (networks4[index] as number)) & (masks4[index] as number)) === 0) return true;
    return false;
  };
}

/** Reads `address` or `address/prefix`; undefined when it is neither. Bits behind the prefix are cleared. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf("/");
  const address = tryParseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined || text.includes("%")) return undefined;
  const width = address.version === 4 ? 32 : 128;
  const prefix = slash < 0 ? width : readPrefix(text.slice(slash + 1), width);
  if (prefix === undefined) return undefined;
  const length = address.version === 4 ? prefix + 96 : prefix;
  const mask = prefixMask(length);
  // A range inside ::ffff:0:0/96 is a range of IPv4 addresses, whichever way it is written.
  const version = isMapped(address) && length >= 96 ? 4 : 6;
  return { version, network: maskIp(version === 4 ? unmapIp(address) : address, mask), mask };
}

/** Tells whether the address lies in the range; versions are the caller's business. */
export function rangeHolds({ network, mask }: IpRange, address: IpAddress): boolean {
  return (
    ((address.d ^ network.d) & mask.d) === 0 &&
    ((address.c ^ network.c) & mask.c) === 0 &&
    ((address.b ^ network.b) & mask.b) === 0 &&
    ((address.a ^ network.a) & mask.a) === 0
  );
}

/** Tells whether every address of `inner` is in `outer`. Ranges of IPv4 and IPv6 never hold each other. */
export function rangeWithin(inner: IpRange, outer: IpRange): boolean {
  const { mask } = outer;
  return (
    inner.version === outer.version &&
    (inner.mask.a & mask.a) === mask.a &&
    (inner.mask.b & mask.b) === mask.b &&
    (inner.mask.c & mask.c) === mask.c &&
    (inner.mask.d & mask.d) === mask.d &&
    rangeHolds(outer, inner.network)
  );
}

/** Clears the bits outside the mask. */
export function maskIp(address: IpAddress, mask: IpAddress): IpAddress {
  const { version, a, b, c, d } = address;
  return { version, a: a & mask.a, b: b & mask.b, c: c & mask.c, d: d & mask.d };
}

/** 128 bits of which the first `length` are one. */
export function prefixMask(length: number): IpAddress {
  return {
    version: 6,
    a: maskWord(length),
    b: maskWord(length - 32),
    c: maskWord(length - 64),
    d: maskWord(length - 96),
  };
}

function maskWord(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function readPrefix(text: string, width: number): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(text)) return undefined;
  const prefix = Number(text);
  return prefix <= width ? prefix : undefined;
}
