/** Text and value of a scalar; the value is what YAML 1.2's core schema makes of it. */
export interface Scalar {
  readonly text: string;
  readonly value: string | number | boolean | null;
}

/** What a plain scalar must not begin with: indicators, among them those of anchors, aliases and tags. */
const INDICATOR = /^[&*!|>'"%@`#,[\]{}]|^[-?:](?:\s|$)/;
const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "/": "/",
  "\\": "\\",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};

/**
 * Reads a scalar that stands on one line, in any of the three styles, with a comment behind it or not.
 * @throws SyntaxError
 */
export function parseScalar(source: string): Scalar {
  if (source.startsWith('"')) return quoted(doubleQuoted(source));
  if (source.startsWith("'")) return quoted(singleQuoted(source));
  const text = stripComment(source).trimEnd();
  checkPlain(text);
  return { text, value: coreValue(text) };
}

/** @throws SyntaxError when a text cannot be a plain scalar, or a line of one. */
export function checkPlain(text: string): void {
  if (INDICATOR.test(text)) throw new SyntaxError("a scalar begins with an indicator");
  if (/:(?:\s|$)/.test(text)) throw new SyntaxError("a plain scalar holds a colon; quote it");
}

/** What stands before a comment. */
export function stripComment(source: string): string {
  const at = source.search(/(?:^|\s)#/);
  return at === -1 ? source : source.slice(0, at);
}

/** The value of a plain scalar in the core schema. @see https://yaml.org/spec/1.2.2/#103-core-schema */
export function coreValue(text: string): Scalar["value"] {
  if (/^(?:null|Null|NULL|~)?$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?[0-9]+$/.test(text)) return Number(text);
  if (/^0o[0-7]+$/.test(text)) return Number.parseInt(text.slice(2), 8);
  if (/^0x[0-9a-fA-F]+$/.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number(text);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : text;
}

function quoted(text: string): Scalar {
  return { text, value: text };
}

function singleQuoted(source: string): string {
  let text = "";
  for (let at = 1; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character !== "'") text += character;
    else if (source.charAt(at + 1) === "'") {
      text += "'";
      at += 1;
    } else return ended(text, source.slice(at + 1));
  }
  throw new SyntaxError("a quoted scalar does not end on its line");
}

function doubleQuoted(source: string): string {
  let text = "";
  for (let at = 1; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === '"') return ended(text, source.slice(at + 1));
    if (character !== "\\") text += character;
    else {
      const { value, length } = escapeAt(source, at + 1);
      text += value;
      at += length;
    }
  }
  throw new SyntaxError("a quoted scalar does not end on its line");
}

function escapeAt(source: string, at: number): { readonly value: string; readonly length: number } {
  const kind = source.charAt(at);
  const digits = { x: 2, u: 4, U: 8 }[kind];
  if (digits === undefined) {
    const value = Object.hasOwn(ESCAPES, kind) ? ESCAPES[kind] : undefined;
    if (value === undefined) throw new SyntaxError("a quoted scalar holds an unknown escape");
    return { value, length: 1 };
  }
  const hex = source.slice(at + 1, at + 1 + digits);
  const point = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? Number.parseInt(hex, 16) : -1;
  if (point < 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
    throw new SyntaxError("a quoted scalar holds an escape that is no character");
  }
  return { value: String.fromCodePoint(point), length: 1 + digits };
}

function ended(text: string, rest: string): string {
  if (!/^\s*$|^\s+#/.test(rest)) throw new SyntaxError("something follows a quoted scalar");
  return text;
}
