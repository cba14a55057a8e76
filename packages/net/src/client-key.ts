import { carriedIpv4, sixToFourIpv4 } from "./classify-ip.ts";
import { formatIp } from "./format-ip.ts";
import { type IpAddress, tryParseIp } from "./ip-address.ts";
import { maskIp, prefixMask } from "./ip-range.ts";

/** How {@link clientKey} groups addresses. */
export interface ClientKeyOptions {
  /**
   * Length of the IPv6 prefix that counts as one client, 32 to 128. Default 56: providers hand a /56 or /48 to
   * one subscriber, so longer prefixes let one client appear as many.
   */
  readonly prefix6?: number;
}

/**
 * Gives the text under which a client is counted: an IPv4 address as it is, an IPv6 address cut to its prefix,
 * for example `2001:db8:1::/56`. The IPv4 address inside IPv4-mapped, NAT64 and 6to4 forms is the key, so that
 * no client gets a second bucket by another notation.
 *
 * @returns undefined when the text is not an address: refuse, do not count under a common key.
 * @throws RangeError when `prefix6` is out of range.
 */
export function clientKey(address: string | IpAddress, options: ClientKeyOptions = {}): string | undefined {
  const prefix6 = checkPrefix6(options.prefix6);
  const parsed = typeof address === "string" ? tryParseIp(address) : address;
  return parsed === undefined ? undefined : keyOf(parsed, prefix6, prefixMask(prefix6));
}

/** Returns the prefix length to use, or throws the RangeError that names the option. */
export function checkPrefix6(prefix6 = 56): number {
  if (Number.isInteger(prefix6) && prefix6 >= 32 && prefix6 <= 128) return prefix6;
  throw new RangeError(`prefix6 must be an integer from 32 to 128, got ${String(prefix6)}`);
}

/** The key of an address, with the mask prepared by the caller. */
export function keyOf(address: IpAddress, prefix6: number, mask: IpAddress): string {
  if (address.version === 4) return formatIp(address);
  const embedded = carriedIpv4(address) ?? sixToFourIpv4(address);
  if (embedded !== undefined) return formatIp(embedded);
  return `${formatIp(maskIp(address, mask))}/${prefix6}`;
}
