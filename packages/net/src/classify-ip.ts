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

const IPV4: readonly (readonly [IpRange, Ipv4Class])[] = [
  [range("0.0.0.0/8"), "this_network"],
  [range("10.0.0.0/8"), "private"],
  [range("100.64.0.0/10"), "shared_cgnat"],
  [range("127.0.0.0/8"), "loopback"],
  // Answers inside every Azure network although no registry reserves it.
  [range("168.63.129.16"), "cloud_metadata"],
  [range("169.254.0.0/16"), "link_local"],
  [range("172.16.0.0/12"), "private"],
  [range("192.0.0.0/24"), "ietf_protocol"],
  [range("192.0.2.0/24"), "documentation"],
  [range("192.88.99.0/24"), "6to4_relay"],
  [range("192.168.0.0/16"), "private"],
  [range("198.18.0.0/15"), "benchmark"],
  [range("198.51.100.0/24"), "documentation"],
  [range("203.0.113.0/24"), "documentation"],
  [range("224.0.0.0/4"), "multicast"],
  [range("255.255.255.255"), "broadcast"],
  [range("240.0.0.0/4"), "reserved"],
];

/** The same table as bits: this comparison stands before every connection and every request. */
const NETWORK4: Int32Array = Int32Array.from(IPV4, ([{ network }]) => network.d);
const MASK4: Int32Array = Int32Array.from(IPV4, ([{ mask }]) => mask.d);

const IPV6: readonly (readonly [IpRange, Ipv6Class])[] = [
  [range("::"), "unspecified"],
  [range("::1"), "loopback"],
  [range("64:ff9b:1::/48"), "nat64_local"],
  [range("100::/64"), "discard"],
  [range("2001::/32"), "teredo"],
  [range("2001::/23"), "ietf_protocol"],
  [range("2001:db8::/32"), "documentation"],
  [range("3fff::/20"), "documentation"],
  [range("5f00::/16"), "srv6_sid"],
  [range("fc00::/7"), "unique_local"],
  [range("fe80::/10"), "link_local"],
  [range("fec0::/10"), "site_local"],
  [range("ff00::/8"), "multicast"],
  [range("2000::/3"), "public"],
];

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
  for (const [range, name] of IPV6) if (rangeHolds(range, address)) return name;
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
  for (let index = 0; index < IPV4.length; index += 1)
    if (((d ^ (NETWORK4[index] as number)) & (MASK4[index] as number)) === 0)
      return (IPV4[index] as (typeof IPV4)[number])[1];
  return "public";
}

function range(text: string): IpRange {
  return parseIpRange(text) as IpRange;
}
