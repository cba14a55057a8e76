import { excerpt } from "@symbiont/kit";
import { NetError } from "./errors.ts";

/**
 * An IP address as four 32-bit words, most significant first, each a signed integer as the bitwise operators
 * give it. An IPv4 address is held as its mapped form (0, 0, 0xffff, address), so that both versions compare
 * with the same arithmetic.
 */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** High words of ::ffff:0:0/96, where IPv4 addresses live. */
export const MAPPED_C = 0xffff;

const DOT = 0x2e;
const COLON = 0x3a;
const MAX_LENGTH = 80;
const ZONE = /^[0-9A-Za-z._-]+$/;

/**
 * Reads the text of one address, see {@link tryParseIp}.
 * @throws NetError `NET_INVALID_ADDRESS`
 */
export function parseIp(text: string): IpAddress {
  const address = tryParseIp(text);
  if (address === undefined)
    throw new NetError("NET_INVALID_ADDRESS", `${excerpt(text)} is not an IP address`);
  return address;
}

/**
 * Reads the text of one address: dotted IPv4 with four decimal parts and no leading zeros, or IPv6 in any RFC 4291 form.
 * A zone id (`%eth0`) is accepted after IPv6 and dropped. Ports, brackets, spaces, other number bases and
 * digits outside ASCII are refused.
 *
 * @returns undefined when the text is not an address.
 */
export function tryParseIp(text: string): IpAddress | undefined {
  return parseIpPart(text, 0, text.length);
}

/** Reads the address between two offsets, so that a list can be walked without cutting it up first. */
export function parseIpPart(text: string, start: number, end: number): IpAddress | undefined {
  if (end - start > MAX_LENGTH) return undefined;
  return readIpv4(text, start, end) ? ipv4(quad) : readIpv6(text, start, end);
}

/** Makes an IPv4 address from its 32 bits. */
export function ipv4(bits: number): IpAddress {
  return { version: 4, a: 0, b: 0, c: MAPPED_C, d: bits | 0 };
}

/** Turns an IPv4-mapped IPv6 address (::ffff:0:0/96) into the IPv4 address; others are returned as they are. */
export function unmapIp(address: IpAddress): IpAddress {
  return address.version === 6 && isMapped(address) ? ipv4(address.d) : address;
}

/** Tells whether the words are those of an IPv4 address, in either of its two notations. */
export function isMapped(address: IpAddress): boolean {
  return address.a === 0 && address.b === 0 && address.c === MAPPED_C;
}

/** The dotted quad read last: a number that may be any 32 bits leaves no value to say "not one". */
let quad = 0;

function readIpv4(text: string, start: number, end: number): boolean {
  if (end - start < 7 || end - start > 15) return false;
  let bits = 0;
  let parts = 0;
  let value = 0;
  let digits = 0;
  for (let index = start; index < end; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && value === 0) return false; // a leading zero means octal to some
      value = value * 10 + digit;
      digits += 1;
      if (value > 255) return false;
    } else {
      if (digit !== DOT - 0x30 || digits === 0) return false;
      bits = (bits << 8) | value;
      parts += 1;
      value = 0;
      digits = 0;
    }
  }
  quad = (bits << 8) | value;
  return parts === 3 && digits > 0;
}

/** Groups of the address being read; reading never yields in between. */
const groups = new Uint16Array(8);

function readIpv6(text: string, start: number, limit: number): IpAddress | undefined {
  const end = withoutZone(text, start, limit);
  let count = 0;
  let gap = -1;
  let index = start;
  if (text.charCodeAt(index) === COLON) {
    if (end - start < 2 || text.charCodeAt(index + 1) !== COLON) return undefined;
    gap = 0;
    index += 2;
  }
  while (index < end) {
    if (count === 8) return undefined;
    const first = index;
    let value = 0;
    while (index < end) {
      const digit = hexDigit(text.charCodeAt(index));
      if (digit < 0) break;
      if (index - first === 4) return undefined;
      value = (value << 4) | digit;
      index += 1;
    }
    if (index < end && text.charCodeAt(index) === DOT) {
      if (count > 6 || !readIpv4(text, first, end)) return undefined;
      groups[count] = quad >>> 16;
      groups[count + 1] = quad & 0xffff;
      count += 2;
      break;
    }
    if (index === first) return undefined;
    groups[count] = value;
    count += 1;
    if (index === end) break;
    if (text.charCodeAt(index) !== COLON || index + 1 === end) return undefined;
    index += 1;
    if (text.charCodeAt(index) === COLON) {
      if (gap >= 0) return undefined;
      gap = count;
      index += 1;
    }
  }
  if (gap < 0) return count === 8 ? fromGroups() : undefined;
  if (count === 8) return undefined; // "::" must stand for at least one group
  const tail = 8 - (count - gap);
  groups.copyWithin(tail, gap, count);
  groups.fill(0, gap, tail);
  return fromGroups();
}

function fromGroups(): IpAddress {
  return { version: 6, a: wordAt(0), b: wordAt(2), c: wordAt(4), d: wordAt(6) };
}

function wordAt(group: number): number {
  return ((groups[group] as number) << 16) | (groups[group + 1] as number);
}

/** Where the address ends and its zone id begins; an unusable zone leaves the `%` in, which no parser accepts. */
function withoutZone(text: string, start: number, end: number): number {
  const percent = text.indexOf("%", start);
  if (percent < 0 || percent >= end) return end;
  return ZONE.test(text.slice(percent + 1, end)) ? percent : end;
}

function hexDigit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
