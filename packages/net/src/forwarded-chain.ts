import { readEntry, readForwardedElement } from "./forwarded-entry.ts";
import type { IpAddress } from "./ip-address.ts";

/** Entries of one forwarding header, taken from the right: the nearest proxy wrote last. */
export interface ForwardedChain {
  /** The next entry to the left: an address, `"malformed"`, or undefined behind the leftmost one. */
  next(): IpAddress | "malformed" | undefined;
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Tells whether a list has more than `max` entries, without reading past the deciding one. */
export function hasMoreEntries(text: string, max: number): boolean {
  let commas = 0;
  let at = text.indexOf(",");
  while (at >= 0 && commas < max) {
    commas += 1;
    at = text.indexOf(",", at + 1);
  }
  return commas === max;
}

/** Walks a comma-separated list of addresses, the form of `X-Forwarded-For`. */
export function addressChain(text: string): ForwardedChain {
  let end = text.length;
  return {
    next() {
      if (end < 0) return undefined;
      let comma = end - 1;
      while (comma >= 0 && text.charCodeAt(comma) !== COMMA) comma -= 1;
      const entry = readEntry(text, comma + 1, end);
      end = comma;
      return entry ?? "malformed";
    },
  };
}

/** The one address of a header that is not a list. */
export function singleAddress(text: string): ForwardedChain {
  let done = false;
  return {
    next() {
      if (done) return undefined;
      done = true;
      return readEntry(text) ?? "malformed";
    },
  };
}

/** Walks the elements of `Forwarded`. */
export function forwardedElementChain(text: string): ForwardedChain {
  let end = text.length;
  return {
    next() {
      if (end < 0) return undefined;
      const comma = commaOutsideQuotes(text, end);
      const entry = readForwardedElement(text.slice(comma + 1, end));
      end = comma;
      return entry ?? "malformed";
    },
  };
}

/**
 * The nearest comma left of `end` that is not inside a quoted string, or -1. Read from the right, so that
 * what a client wrote on the left, an open quote for instance, cannot swallow what the proxies added.
 */
function commaOutsideQuotes(text: string, end: number): number {
  let quoted = false;
  for (let index = end - 1; index >= 0; index -= 1) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE && !(quoted && isEscaped(text, index))) quoted = !quoted;
    else if (unit === COMMA && !quoted) return index;
  }
  return -1;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(index - backslashes - 1) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
