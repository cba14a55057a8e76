import { AT_SPACE, type TextSpan } from "./text-span.ts";

const AUTHORITY = /[^\s/?#"'`<>]*/y;
/** A password that was not percent-encoded may hold what ends an authority. */
const LOOSE = /[^\s"'`<>]{0,512}/y;
const PORT = /:\d*$/;
const BARE_TOKEN = /^(?=[^\d]*\d)[\w.~%-]{20,}$/;

/**
 * Finds the password of `scheme://user:password@host`, given where the `://` is; also a long token that stands
 * for user and password in one.
 */
export function findUrlPassword(text: string, colon: number): TextSpan | undefined {
  const start = colon + 3;
  const authority = take(AUTHORITY, text, start);
  let at = authority.lastIndexOf("@");
  if (at < 0) {
    if (!authority.includes(":") || PORT.test(authority)) return undefined;
    const loose = take(LOOSE, text, start);
    at = loose.lastIndexOf("@");
    if (at < 0) return undefined;
  }
  const user = text.slice(start, start + at);
  const split = user.indexOf(":");
  if (split < 0 && !BARE_TOKEN.test(user)) return undefined;
  const from = split < 0 ? start : start + split + 1;
  return from === start + at
    ? undefined
    : { from: colon, start: from, end: start + at, replacement: "[REDACTED]", resume: AT_SPACE };
}

function take(pattern: RegExp, text: string, start: number): string {
  pattern.lastIndex = start;
  return pattern.exec(text)?.[0] ?? "";
}
