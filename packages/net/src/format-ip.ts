import { type IpAddress, isMapped } from "./ip-address.ts";

/**
 * Writes the one canonical text of an address: dotted decimal, or IPv6 in lower case with the longest run of
 * zero groups shortened, and IPv4-mapped addresses with a dotted tail.
 * @see RFC 5952 sections 4 and 5
 */
export function formatIp(address: IpAddress): string {
  if (address.version === 4) return dotted(address.d);
  if (isMapped(address)) return `::ffff:${dotted(address.d)}`;
  const { a, b, c, d } = address;
  const groups = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff, c >>> 16, c & 0xffff, d >>> 16, d & 0xffff];
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return hex(groups, 0, 8);
  return `${hex(groups, 0, start)}::${hex(groups, start + length, 8)}`;
}

function dotted(bits: number): string {
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

function hex(groups: readonly number[], from: number, to: number): string {
  let text = "";
  for (let index = from; index < to; index += 1) {
    if (index > from) text += ":";
    text += (groups[index] as number).toString(16);
  }
  return text;
}

/** The first of the longest runs, as RFC 5952 section 4.2.3 asks. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let start = 0;
  let length = 0;
  for (let index = 0; index < groups.length; index += 1) {
    if (groups[index] !== 0) continue;
    const first = index;
    while (groups[index + 1] === 0) index += 1;
    if (index - first + 1 > length) {
      start = first;
      length = index - first + 1;
    }
  }
  return { start, length };
}
