import { type IpAddress, parseIpPart, unmapIp } from "./ip-address.ts";

const PORT = /^:[0-9]{1,5}$/;
/** `name=token`, `name="quoted"` or nothing, and the separator behind it. */
const PARAMETER = /[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^"\\;,\s]*))[ \t]*)?(?:;|$)/y;

/**
 * Reads one entry of a forwarding list: `a.b.c.d`, `a.b.c.d:port`, `v6`, `[v6]` or `[v6]:port`, with blanks
 * around it. IPv4-mapped addresses come back as IPv4.
 *
 * @returns undefined for anything else, `unknown` and `_name` among it.
 */
export function readEntry(text: string, start = 0, end: number = text.length): IpAddress | undefined {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  const plain = parseIpPart(text, from, to);
  if (plain !== undefined) return unmapIp(plain);
  return withPort(text.slice(from, to));
}

/**
 * Reads the `for` parameter of one element of a `Forwarded` header. An element that is not a list of parameters
 * to its very end, or has no or two `for`, gives undefined.
 * @see RFC 7239 section 4
 */
export function readForwardedElement(text: string): IpAddress | undefined {
  let found: string | undefined;
  const parameters = new RegExp(PARAMETER);
  while (parameters.lastIndex < text.length) {
    const match = parameters.exec(text);
    if (match === null) return undefined;
    const [, name, quoted, token] = match;
    if (name?.toLowerCase() !== "for") continue;
    if (found !== undefined) return undefined;
    found = quoted ?? token ?? "";
  }
  return found === undefined ? undefined : readEntry(found);
}

function withPort(text: string): IpAddress | undefined {
  if (text.startsWith("[")) {
    const close = text.indexOf("]");
    const rest = text.slice(close + 1);
    if (close < 0 || (rest !== "" && !isPort(rest))) return undefined;
    const address = parseIpPart(text, 1, close);
    return address?.version === 6 ? unmapIp(address) : undefined;
  }
  const colon = text.indexOf(":");
  if (colon < 0 || !isPort(text.slice(colon))) return undefined;
  const address = parseIpPart(text, 0, colon);
  return address?.version === 4 ? address : undefined;
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text.slice(1)) <= 65_535;
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09;
}
