import { AT_LINE_END, AT_SPACE, type TextSpan } from "./text-span.ts";

/** A name in free text that stands for a secret. */
export interface SecretName {
  /** Where it begins. */
  readonly from: number;
  readonly folded: string;
}

const BACKSLASH = 0x5c;
const OPENING_QUOTE = /\\{0,7}["'`]/y;
const DOUBLE_QUOTED = /[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*/y;
const SINGLE_QUOTED = /[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*/y;
const BACK_QUOTED = /[^`\\\r\n]*(?:\\.[^`\\\r\n]*)*/y;
const HEADER_REST = /[^\r\n"'`]*/y;
const LIST = /[^\]\r\n]*\]?/y;
const MAP = /[^}\r\n]*\}?/y;
const BARE = /[^\s"'`,;&<>)\]}\\]+/y;
/** Headers whose value is the rest of the line. */
const WHOLE_LINE = /(?:authorization|cookie)$/;
/** Values that say where a secret is, what it looks like, or that there is none. */
const HARMLESS =
  /^(?:true|false|null|undefined|none|nil|yes|no|string|str|number|boolean|bool|int|integer|object|any|required|optional|unknown|redacted|invalid|missing|expired|empty|\*+|\.\.\.|\$\{?[\w.]*\}?|<[\w -]*>?|process\.env\.\w*)$/i;
const PASSWORD_LIKE = /(?:pass(?:word|wd|phrase|code)?|pwd|pin)$/;
const SHORTEST_PASSWORD = 4;
const SHORTEST_VALUE = 8;

/**
 * Reads the value that begins at `start`: quoted, in brackets, the rest of a header line, or a run without white
 * space. `undefined` when there is none, or when it plainly is no secret.
 */
export function readSecretValue(
  text: string,
  { from, folded }: SecretName,
  start: number,
): TextSpan | undefined {
  OPENING_QUOTE.lastIndex = start;
  const quote = OPENING_QUOTE.exec(text)?.[0];
  if (quote !== undefined) {
    const inner = start + quote.length;
    const end = closingQuote(text, quote, inner);
    if (end === inner) return undefined;
    return { from, start: inner, end, replacement: "[REDACTED]", resume: AT_LINE_END };
  }
  if (WHOLE_LINE.test(folded)) {
    const end = runEnd(text, start, HEADER_REST);
    return end === start ? undefined : { from, start, end, replacement: "[REDACTED]", resume: AT_LINE_END };
  }
  const bracket = text.charAt(start);
  if (bracket === "[" || bracket === "{") {
    const end = runEnd(text, start, bracket === "[" ? LIST : MAP);
    return { from, start, end, replacement: "[REDACTED]", resume: AT_LINE_END };
  }
  const end = runEnd(text, start, BARE);
  const shortest = PASSWORD_LIKE.test(folded) ? SHORTEST_PASSWORD : SHORTEST_VALUE;
  if (end - start < shortest || HARMLESS.test(text.slice(start, Math.min(end, start + 80)))) return undefined;
  return { from, start, end, replacement: "[REDACTED]", resume: AT_SPACE };
}

/** Where a quoted value ends: at its closing quote, or at the end of the line when there is none. */
function closingQuote(text: string, quote: string, start: number): number {
  if (quote === '"') return runEnd(text, start, DOUBLE_QUOTED);
  if (quote === "'") return runEnd(text, start, SINGLE_QUOTED);
  if (quote === "`") return runEnd(text, start, BACK_QUOTED);
  // Inside a string of a string the same escaped quote closes again; one with more backslashes is content.
  let at = start;
  while (at < text.length && !AT_LINE_END.test(text.charAt(at))) {
    if (text.startsWith(quote, at) && text.charCodeAt(at - 1) !== BACKSLASH) return at;
    at += 1;
  }
  return at;
}

function runEnd(text: string, start: number, run: RegExp): number {
  run.lastIndex = start;
  return run.test(text) ? run.lastIndex : start;
}
