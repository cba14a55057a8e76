import { type IpAddress, ipv4, isMapped, MAPPED_C } from "./ip-address.ts";
import { type IpRange, parseIpRange, rangeHolds } from "./ip-range.ts";

type Ipv4Class =
  | "public"
  | "this_network"
  | "private"
  | "shared_cgnat"
  | "loopback"
  | "link_local"
  | "ietf_protocol"
  | "documentation"
  | "6to4_relay"
  | "benchmark"
  | "multicast"
  | "reserved"
  | "broadcast"
  | "cloud_metadata";

type Ipv6Class =
  | "public"
  | "unspecified"
  | "loopback"
  | "nat64_local"
  | "discard"
  | "teredo"
  | "ietf_protocol"
  | "documentation"
  | "srv6_sid"
  | "unique_local"
  | "link_local"
  | "site_local"
  | "multicast"
  | "unallocated";

/** What an address is for. `embedded_…` is an IPv6 form that carries an IPv4 address of that class. */
export type IpClass = Ipv4Class | Ipv6Class | `embedded_${Ipv4Class}`;

const IPV4: readonly (readonly [string, Ipv4Class])[] = [
  ["0.0.0.0/8", "this_network"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "shared_cgnat"],
  ["127.0.0.0/8", "loopback"],
  // Answers inside every Azure network although no registry reserves it.
  ["168.63.129.16", "cloud_metadata"],
  ["169.254.0.0/16", "link_local"],
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "ietf_protocol"],
  ["192.0.2.0/24", "documentation"],
  ["192.88.99.0/24", "6to4_relay"],
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "benchmark"],
  ["198.51.100.0/24", "documentation"],
  ["203.0.113.0/24", "documentation"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255", "broadcast"],
  ["240.0.0.0/4", "reserved"],
];

const IPV6: readonly (readonly [string, Ipv6Class])[] = [
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["64:ff9b:1::/48", "nat64_local"],
  ["100::/64", "discard"],
  ["2001::/32", "teredo"],
  ["2001::/23", "ietf_protocol"],
  ["2001:db8::/32", "documentation"],
  ["3fff::/20", "documentation"],
  ["5f00::/16", "srv6_sid"],
  ["fc00::/7", "unique_local"],
  ["fe80::/10", "link_local"],
  ["fec0::/10", "site_local"],
  ["ff00::/8", "multicast"],
  ["2000::/3", "public"],
];

/** The first table as bits: this comparison stands before every connection and every request. */
interface Bits {
  readonly networks: Int32Array;
  readonly masks: Int32Array;
}

// Both are made when the first address is judged: many programs that load this package never judge one.
let bits4: Bits | undefined;
let ranges6: readonly (readonly [IpRange, Ipv6Class])[] | undefined;

/**
 * Names what an address is for, by integer comparison with the special-purpose registries. IPv6 outside
 * 2000::/3 is `unallocated` when nothing else names it.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function classifyIp(address: IpAddress): IpClass {
  if (address.version === 4) return classify4(address);
  const embedded = carriedIpv4(address) ?? otherCarriedIpv4(address);
  if (embedded !== undefined) return `embedded_${classify4(embedded)}`;
  ranges6 ??= IPV6.map(([text, name]) => [range(text), name]);
  for (const [range, name] of ranges6) if (rangeHolds(range, address)) return name;
  return "unallocated";
}

/**
 * Tells whether an address belongs to the public internet, so that a request to it cannot reach the inside of
 * the network it is sent from. An IPv6 form that carries an IPv4 address counts as that address only where
 * traffic really ends up there: IPv4-mapped and NAT64 addresses.
 */
export function isPublicIp(address: IpAddress): boolean {
  if (address.version === 4) return classify4(address) === "public";
  const embedded = carriedIpv4(address);
  if (embedded !== undefined) return classify4(embedded) === "public";
  return classifyIp(address) === "public";
}

/** The IPv4 address behind an IPv4-mapped (::ffff:0:0/96) or NAT64 (64:ff9b::/96) address. */
export function carriedIpv4(address: IpAddress): IpAddress | undefined {
  const { a, b, c, d } = address;
  if (isMapped(address) || (a === 0x0064ff9b && b === 0 && c === 0)) return ipv4(d);
  return undefined;
}

/** The IPv4 address that owns a 6to4 prefix (2002::/16). */
export function sixToFourIpv4({ a, b }: IpAddress): IpAddress | undefined {
  return a >>> 16 === 0x2002 ? ipv4((a << 16) | (b >>> 16)) : undefined;
}

/** Forms that carry an IPv4 address but are never public: 6to4, IPv4-compatible, IPv4-translated. */
function otherCarriedIpv4(address: IpAddress): IpAddress | undefined {
  const { a, b, c, d } = address;
  const compatible = a === 0 && b === 0 && c === 0 && d !== 0 && d !== 1;
  const translated = a === 0 && b === 0 && c === MAPPED_C << 16;
  return compatible || translated ? ipv4(d) : sixToFourIpv4(address);
}

function classify4({ d }: IpAddress): Ipv4Class {
  bits4 ??= bitsOf(IPV4.map(([text]) => range(text)));
  const { networks, masks } = bits4;
  for (let index = 0; index < IPV4.length; index += 1)
    if (((d ^ (networks[index] as number)) & (masks[index] as number)) === 0)
      return (IPV4[index] as (typeof IPV4)[number])[1];
  return "public";
}

function bitsOf(ranges: readonly IpRange[]): Bits {
  return {
    networks: Int32Array.from(ranges, ({ network }) => network.d),
    masks: Int32Array.from(ranges, ({ mask }) => mask.d),
  };
}

function range(text: string): IpRange {
  return parseIpRange(text) as IpRange;
}
