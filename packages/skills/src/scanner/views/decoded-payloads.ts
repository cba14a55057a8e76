import { encodeUtf8 } from "@symbiont/kit";

/** A text that stands in another one, encoded. */
export interface Payload {
  readonly text: string;
  /** Where it begins in the text it was found in. */
  readonly at: number;
}

const BASE64 = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
const HEX = /(?:[0-9a-fA-F]{2}[\s:]?){12,}/g;
const PERCENT = /(?:[\w./:~+-]{0,40}%[0-9a-fA-F]{2}){4,}[\w./:~+-]{0,200}/g;
const ESCAPES = /(?:\\x[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2}|\\u\{[0-9a-fA-F]{2}\}|\\[0-7]{3}){4,}/g;
const NUMBERS = /(?:\d{2,3}\s{0,2},\s{0,2}){7,}\d{2,3}/g;
const CHR = /(?:chr\(\s?\d{2,3}\s?\)\s{0,2}[+.]?\s{0,2}){4,}/gi;
const TURNED = /["'`]([^"'`\n]{8,2000})["'`]/g;
const MAX_RECURSION = 2;

/** Every printable text that stands encoded in a line, also one inside another. */
export function* decodedPayloads(line: string, depth: number = 0): Generator<Payload> {
  if (depth >= MAX_RECURSION || line.length < 12) return;
  for (const payload of payloadsOf(line)) {
    yield payload;
    for (const { text } of decodedPayloads(payload.text, depth + 1)) yield { text, at: payload.at };
  }
}

function* payloadsOf(line: string): Generator<Payload> {
  for (const match of line.matchAll(BASE64)) yield* payload(fromBase64(match[0]), match.index);
  if (/[0-9a-fA-F]{2}[\s:]?[0-9a-fA-F]{2}/.test(line)) {
    for (const match of line.matchAll(HEX)) yield* payload(fromHex(match[0]), match.index);
  }
  if (line.includes("%")) {
    for (const match of line.matchAll(PERCENT)) yield* payload(fromPercent(match[0]), match.index);
  }
  if (line.includes("\\")) {
    for (const match of line.matchAll(ESCAPES)) yield* payload(fromEscapes(match[0]), match.index);
  }
  if (line.includes(",")) {
    for (const match of line.matchAll(NUMBERS)) yield* payload(fromNumbers(match[0]), match.index);
  }
  for (const match of line.matchAll(CHR)) yield* payload(fromNumbers(match[0]), match.index);
  const isTurned = /\[::-1\]|(?<![\w.-])rev\b|reverse\s{0,2}\(/i.test(line);
  const isRotated = /rot_?13|(?<![\w.-])tr\s{1,3}["']?\[?(?:a-z|n-z)/i.test(line);
  if (!isTurned && !isRotated) return;
  for (const match of line.matchAll(TURNED)) {
    const [, text = ""] = match;
    if (isTurned) yield { text: Array.from(text).toReversed().join(""), at: match.index };
    if (isRotated) yield { text: rot13(text), at: match.index };
  }
}

function* payload(bytes: Uint8Array | undefined, at: number): Generator<Payload> {
  const text = bytes === undefined ? undefined : printable(bytes);
  if (text !== undefined) yield { text, at };
}

/** Text, also in UTF-16 as PowerShell has it; undefined when it is something else. */
function printable(bytes: Uint8Array): string | undefined {
  const isWide = bytes.length >= 8 && bytes[1] === 0 && bytes[3] === 0 && bytes[5] === 0;
  const text = isWide ? new TextDecoder("utf-16le").decode(bytes) : latin(bytes);
  if (text === undefined || text.length < 6) return undefined;
  const odd = text.match(/[^\x20-\x7e\s]/g)?.length ?? 0;
  return odd <= text.length * 0.1 ? text : undefined;
}

function latin(bytes: Uint8Array): string | undefined {
  // Pictures and hashes are told apart by their beginning, without reading all of them.
  const head = bytes.subarray(0, 32);
  const odd = head.filter(
    (byte) => byte > 0x7e || (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13),
  ).length;
  if (odd > head.length * 0.1) return undefined;
  return new TextDecoder().decode(bytes);
}

/** As decoders in the wild do: without padding, with either alphabet, whatever the unused bits. */
function fromBase64(source: string): Uint8Array | undefined {
  const text = source.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  const whole = text.length % 4 === 1 ? text.slice(0, -1) : text;
  return Uint8Array.from(atob(whole), (character) => character.charCodeAt(0));
}

function fromHex(source: string): Uint8Array {
  const digits = source.replace(/[\s:]/g, "");
  const bytes = new Uint8Array(digits.length >> 1);
  for (let at = 0; at < bytes.length; at += 1)
    bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

function fromPercent(source: string): Uint8Array {
  return encodeUtf8(
    source.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  );
}

function fromEscapes(source: string): Uint8Array {
  const codes = source.match(/\\x[0-9a-fA-F]{2}|\\u00[0-9a-fA-F]{2}|\\u\{[0-9a-fA-F]{2}\}|\\[0-7]{3}/g) ?? [];
  return Uint8Array.from(codes, (code) =>
    /^\\[0-7]/.test(code)
      ? Number.parseInt(code.slice(1), 8) & 0xff
      : Number.parseInt(code.replace(/\W|[xu]/g, "").slice(-2), 16),
  );
}

function fromNumbers(source: string): Uint8Array | undefined {
  const numbers = (source.match(/\d{2,3}/g) ?? []).map(Number);
  return numbers.every((number) => number < 256) ? Uint8Array.from(numbers) : undefined;
}

function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const base = letter <= "Z" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}
