import { findUrlPassword } from "./find-url-password.ts";
import { readSecretValue, type SecretName } from "./read-secret-value.ts";
import { foldName } from "./sensitive-name.ts";
import type { TextSpan } from "./text-span.ts";

const MAX_NAME = 64;
const MAX_SPACES = 8;
/** Second words of names that are written apart in prose. */
const SECOND_WORD = /^(?:keys?|phrase|code|number|string|card|words|pin)$/i;

/** Source of the expression that stops at whatever may separate a name and its value. */
export const ASSIGNMENT_SIGN = "[:=]";
/** What may stand between a name and its separator: quotes of all kinds, brackets, spaces. */
const QUOTES = /["'`\\\] \t]/.source;
/** Two characters of a name, not of a time or a port: digits at both ends. */
const BEHIND_NAME = `(?<=[\\w.-]{2}${QUOTES}*.)(?<!(?<![\\w.-])\\d[\\w.-]{0,50}\\d${QUOTES}{0,8}.)`;
const BEFORE_VALUE = /(?=[:=>]{0,3}[ \t]{0,8}(?:["'`\\{[]|[^\s,;&<>)\]}]{4}))/.source;
/** `Authorization` and `Cookie` may have a value shorter than four characters. */
const BEHIND_HEADER = `(?<=[eEnN][_.-]*${QUOTES}*.)`;
/**
 * A separator worth a closer look. Lets through more than is accepted below and never less, so that the many
 * other separators of a log cost no call.
 */
const NAMED = `(?:=|:(?!\\/\\/))${BEHIND_NAME}(?:${BEFORE_VALUE}|${BEHIND_HEADER})`;
const SEPARATOR = new RegExp(NAMED, "g");
const SEPARATOR_OR_URL = new RegExp(`:(?=\\/\\/)|${NAMED}`, "g");

/**
 * Finds `name = value` and `name: value` in free text where the name stands for a secret, quoted or not, inside
 * JSON that is not parsed, in query strings, headers and shell lines; and passwords in URLs.
 */
export function findAssignments(text: string, isSecret: (name: string) => boolean, spans: TextSpan[]): void {
  const separator = text.includes("@") ? SEPARATOR_OR_URL : SEPARATOR;
  separator.lastIndex = 0;
  while (separator.test(text)) {
    const at = separator.lastIndex - 1;
    const span = text.startsWith("://", at) ? findUrlPassword(text, at) : findAssignment(text, at, isSecret);
    if (span === undefined) continue;
    spans.push(span);
    separator.lastIndex = span.end;
  }
}

function findAssignment(
  text: string,
  separator: number,
  isSecret: (name: string) => boolean,
): TextSpan | undefined {
  const name = readNameBefore(text, separator, isSecret);
  if (name === undefined) return undefined;
  let start = separator + 1;
  while (start < separator + 4 && /[:=>]/.test(text.charAt(start))) start += 1;
  const limit = start + MAX_SPACES;
  while (start < limit && (text.charCodeAt(start) === SPACE || text.charCodeAt(start) === TAB)) start += 1;
  return readSecretValue(text, name, start);
}

/** The last word before the separator, or the last two written apart: `api key: …`. */
function readNameBefore(
  text: string,
  separator: number,
  isSecret: (name: string) => boolean,
): SecretName | undefined {
  const floor = Math.max(0, separator - MAX_NAME);
  let end = separator;
  while (end > floor && isQuoteOrSpace(text.charCodeAt(end - 1))) end -= 1;
  let from = end;
  while (from > floor && isNameUnit(text.charCodeAt(from - 1))) from -= 1;
  // A single character names nothing, and digits are times and ports.
  if (end - from < 2 || (isDigit(text.charCodeAt(from)) && isDigit(text.charCodeAt(end - 1))))
    return undefined;
  const last = text.slice(from, end);
  if (isSecret(last)) return { from, folded: foldName(last) };
  if (from === floor || text.charCodeAt(from - 1) !== SPACE || !SECOND_WORD.test(last)) return undefined;
  let before = from - 1;
  while (before > floor && isNameUnit(text.charCodeAt(before - 1))) before -= 1;
  const joined = foldName(text.slice(before, end));
  return isSecret(joined) ? { from: before, folded: joined } : undefined;
}

const SPACE = 0x20;
const TAB = 0x09;
const NINE = 0x39;
const DASH = 0x2d;
const DOT = 0x2e;
const UNDERSCORE = 0x5f;

function isNameUnit(unit: number): boolean {
  if (unit >= 0x61) return unit <= 0x7a;
  if (unit >= 0x41) return unit <= 0x5a || unit === UNDERSCORE;
  return (unit >= 0x30 && unit <= NINE) || unit === DASH || unit === DOT;
}

/** Quotes of all kinds, a closing bracket (`env["password"]`), and the backslashes of a string in a string. */
function isQuoteOrSpace(unit: number): boolean {
  switch (unit) {
    case SPACE:
    case TAB:
    case 0x22:
    case 0x27:
    case 0x60:
    case 0x5c:
    case 0x5d:
      return true;
    default:
      return false;
  }
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= NINE;
}
