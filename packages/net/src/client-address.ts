import { checkPrefix6, keyOf } from "./client-key.ts";
import { formatIp } from "./format-ip.ts";
import {
  addressChain,
  type ForwardedChain,
  forwardedElementChain,
  hasMoreEntries,
  singleAddress,
} from "./forwarded-chain.ts";
import { type HeaderLines, headerValues } from "./header-lines.ts";
import { type IpAddress, tryParseIp, unmapIp } from "./ip-address.ts";
import { createIpMatcher, prefixMask } from "./ip-range.ts";

/** A platform whose header name we know. Which peers to trust stays the operator's to say. */
export type ClientAddressPreset = "cloudflare" | "fly" | "vercel" | "render" | "aws-alb" | "nginx";

/** How {@link createClientAddress} finds the client. Without `trustedProxies` or `trustedHops`: the peer, always. */
export interface ClientAddressOptions {
  /** Addresses and CIDR ranges of our own proxies. Headers of any other peer are ignored. Default none. */
  readonly trustedProxies?: readonly string[];
  /**
   * How many proxies stand in front, 1 to 32: the n-th entry from the right is the client. Only for when the
   * proxies' addresses are not known, as it trusts every peer; with `trustedProxies` the peer must be in that list.
   */
  readonly trustedHops?: number;
  /**
   * The one header to read: `x-forwarded-for` and `forwarded` hold lists, any other a single address. Required
   * with `trustedProxies` or `trustedHops`, unless `preset` names it.
   */
  readonly header?: string;
  /** Header of a known platform, instead of `header`. */
  readonly preset?: ClientAddressPreset;
  /** IPv6 prefix length of the key, 32 to 128. Default 56. */
  readonly prefix6?: number;
}

/** Why a header was not, or not wholly, believed. */
export type ClientAddressWarning =
  | "malformed_entry"
  | "duplicate_header"
  | "too_many_entries"
  | "all_trusted";

/** Who is asking, as far as it can be known. */
export interface ClientAddress {
  /** Canonical text; undefined when even the peer's address is unknown. */
  readonly ip: string | undefined;
  /** `socket`, the lower-case name of the header that was believed, or `none`. */
  readonly source: string;
  readonly warning?: ClientAddressWarning;
  /** What to count the client under, see `clientKey`; undefined together with `ip`. */
  readonly key: string | undefined;
}

/** Finds the client of one request from the peer address of its connection and its header lines. */
export type ClientAddressResolver = (peer: string | undefined, headers: HeaderLines) => ClientAddress;

const PRESET_HEADERS: Readonly<Record<ClientAddressPreset, string>> = {
  cloudflare: "cf-connecting-ip",
  fly: "fly-client-ip",
  vercel: "x-vercel-forwarded-for",
  render: "true-client-ip",
  "aws-alb": "x-forwarded-for",
  nginx: "x-real-ip",
};

const MAX_ENTRIES = 32;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]{1,64}$/;
const LIST_HEADERS: ReadonlyMap<string, (text: string) => ForwardedChain> = new Map([
  ["x-forwarded-for", addressChain],
  ["forwarded", forwardedElementChain],
]);

/**
 * Builds the function that finds a request's client address.
 *
 * The header is read from the right: each trusted entry vouches for the one before it, and the first entry that
 * is not trusted is the client. What stands further left was written by the client and is never looked at.
 * An unusable entry ends the walk at the last trusted hop.
 *
 * Differs from Symbiont: it takes the leftmost entry, which the client chooses.
 *
 * @throws TypeError or RangeError for a wrong option, a bad `trustedProxies` entry among them.
 * @see RFC 7239
 */
export function createClientAddress(options: ClientAddressOptions = {}): ClientAddressResolver {
  const prefix6 = checkPrefix6(options.prefix6);
  const mask = prefixMask(prefix6);
  const isTrusted = createIpMatcher(options.trustedProxies ?? [], "trustedProxies");
  const hops = checkHops(options.trustedHops);
  const header = checkHeader(options);
  const trustsPeers = hops > 0 && (options.trustedProxies ?? []).length === 0;
  const readList = LIST_HEADERS.get(header ?? "");
  if (hops > 1 && readList === undefined)
    throw new RangeError("trustedHops must be 1 with a header that holds a single address");

  const answer = (address: IpAddress, source: string, warning?: ClientAddressWarning): ClientAddress => {
    const ip = formatIp(address);
    const key = address.version === 4 ? ip : keyOf(address, prefix6, mask);
    return warning === undefined ? { ip, source, key } : { ip, source, warning, key };
  };

  return (peerText, headers) => {
    const read = peerText === undefined ? undefined : tryParseIp(peerText);
    if (read === undefined) return { ip: undefined, source: "none", key: undefined };
    const peer = unmapIp(read);
    if (header === undefined || !(trustsPeers || isTrusted(peer))) return answer(peer, "socket");

    const lines = headerValues(headers, header);
    if (lines.length === 0) return answer(peer, "socket");
    if (lines.length > 1 && readList === undefined) return answer(peer, "socket", "duplicate_header");
    const text = lines.length === 1 ? (lines[0] as string) : lines.join(",");
    if (hasMoreEntries(text, MAX_ENTRIES)) return answer(peer, "socket", "too_many_entries");

    const chain = (readList ?? singleAddress)(text);
    let last = peer;
    let source = "socket";
    for (let position = 1; ; position += 1) {
      const entry = chain.next();
      if (entry === "malformed") return answer(last, source, "malformed_entry");
      if (entry === undefined) return hops > 0 ? answer(peer, "socket") : answer(last, source, "all_trusted");
      if (hops > 0 ? position === hops : !isTrusted(entry)) return answer(entry, header);
      last = entry;
      source = header;
    }
  };
}

function checkHops(hops: number | undefined): number {
  if (hops === undefined) return 0;
  if (Number.isInteger(hops) && hops >= 1 && hops <= MAX_ENTRIES) return hops;
  throw new RangeError(`trustedHops must be an integer from 1 to ${MAX_ENTRIES}, got ${String(hops)}`);
}

function checkHeader(options: ClientAddressOptions): string | undefined {
  const { header, preset } = options;
  if (preset !== undefined) {
    if (header !== undefined) throw new TypeError("header and preset must not be given together");
    if (!Object.hasOwn(PRESET_HEADERS, preset))
      throw new TypeError(`preset must be one of ${Object.keys(PRESET_HEADERS).join(", ")}`);
    return PRESET_HEADERS[preset];
  }
  if (header === undefined) {
    if (options.trustedHops === undefined && (options.trustedProxies ?? []).length === 0) return undefined;
    throw new TypeError("header or preset is required with trustedProxies and trustedHops");
  }
  const name = typeof header === "string" ? header.toLowerCase() : "";
  if (HEADER_NAME.test(name)) return name;
  throw new TypeError("header must be the name of one header");
}
