import { types } from "node:util";
import { sha256Hex } from "@symbiont/keys";
import { type ShapeMember, shapeMembers } from "./object-shape.ts";
import { isPlain, omitted, quoteText, readMember, UNREADABLE } from "./plain-object.ts";

/** What may be written. */
export interface DataTextOptions {
  /** Most UTF-16 units of the text. It also bounds the work, whatever the value is. */
  readonly maxUnits: number;
  /** Deepest nesting of arrays and objects, the marks of what is left out included. */
  readonly maxDepth: number;
  /** Writes a string that is longer than `longUnits`. Default as it is. */
  readonly longText?: (text: string) => string;
  readonly longUnits?: number;
}

interface Writing extends Required<DataTextOptions> {
  /** Units that may still come; below 0 when it is too long. */
  left: number;
  /** The arrays and objects that the value being written is in. */
  readonly path: object[];
}

const WORD = /^[\w.-]{1,64}$/;
/** 1,024 digits. Longer ones are told by their digest: to write them in decimal takes the square of their length. */
const MOST_HEX_DIGITS = 850;

/**
 * Writes any value as canonical JSON (RFC 8785). Plain data is written as it is. What JSON cannot carry becomes what can be
 * read: dates RFC 3339, bigints and numbers that are not finite text, maps and sets arrays, errors their name and code,
 * bytes their length and digest, lone surrogates U+FFFD, what has a `toJSON` what that gives. Functions, symbols, cycles,
 * instances of classes, what is too deep and what throws when it is read become `{"omitted": why}`.
 * @returns undefined when the text would be too long. Never throws.
 */
export function dataText(value: unknown, options: DataTextOptions): string | undefined {
  const { maxUnits, maxDepth, longText = quoteText, longUnits = Number.POSITIVE_INFINITY } = options;
  const writing: Writing = { maxUnits, maxDepth, longText, longUnits, left: maxUnits, path: [] };
  const text = write(value, writing);
  return writing.left < 0 ? undefined : text;
}

function write(value: unknown, writing: Writing): string {
  switch (typeof value) {
    case "string":
      return writeString(value, writing);
    case "number":
      // -0 becomes "0", as the RFC asks.
      return take(Number.isFinite(value) ? String(value) : `"${value}"`, writing);
    case "boolean":
      return take(value ? "true" : "false", writing);
    case "bigint":
      return take(bigintText(value), writing);
    case "undefined":
      return take("null", writing);
    case "object":
      return value === null ? take("null", writing) : writeContainer(value, writing);
    default:
      return take(omitted(typeof value), writing);
  }
}

function take(text: string, writing: Writing): string {
  writing.left -= text.length;
  return text;
}

function writeString(text: string, writing: Writing): string {
  if (text.length > writing.longUnits) return take(writing.longText(text), writing);
  // What cannot fit is not even quoted.
  if (text.length > writing.left) {
    writing.left = -1;
    return "";
  }
  return take(quoteText(text), writing);
}

function writeContainer(value: object, writing: Writing): string {
  const { path } = writing;
  if (path.includes(value)) return take(omitted("cycle"), writing);
  // What stands for it needs a level of its own.
  if (path.length + 1 >= writing.maxDepth) return take(omitted("depth"), writing);
  const { left } = writing;
  path.push(value);
  try {
    return Array.isArray(value) ? writeItems(value, writing) : writeObject(value, writing);
  } catch {
    // A proxy, a getter or a toJSON that throws, or a stack that was all but full before we came.
    writing.left = Math.min(writing.left, left);
    return take(omitted("unreadable"), writing);
  } finally {
    path.pop();
  }
}

function writeItems(items: readonly unknown[], writing: Writing): string {
  const { length } = items;
  let text = "[";
  writing.left -= 2;
  for (let index = 0; index < length && writing.left >= 0; index += 1) {
    if (index > 0) text += ",";
    writing.left -= 1;
    text += write(items[index], writing);
  }
  return `${text}]`;
}

function writeObject(value: object, writing: Writing): string {
  if (!isPlain(value)) return writeInstance(value, writing);
  const shown = shownByItself(value);
  return shown === value ? writeMembers(value, writing) : write(shown, writing);
}

/** What the `toJSON` of an object gives, or the object. */
function shownByItself(value: object): unknown {
  const { toJSON } = value as { readonly toJSON?: unknown };
  return typeof toJSON === "function" ? (toJSON.call(value) as unknown) : value;
}

function writeMembers(members: object, writing: Writing): string {
  const names = Object.keys(members);
  writing.left -= 2;
  // Each takes one at least: what cannot fit is not even sorted.
  if (names.length > writing.left) {
    writing.left = -1;
    return "";
  }
  const shape = shapeMembers(names);
  let text = "{";
  for (let index = 0; index < shape.length && writing.left >= 0; index += 1) {
    const { name, quoted, remembered } = shape[index] as ShapeMember;
    const value = readMember(members, name);
    writing.left -= 1;
    if (value === undefined) continue;
    const known =
      typeof value === "string" && text.length > 1 === index > 0 ? remembered?.of(value) : undefined;
    if (known !== undefined) {
      // Its comma is counted already.
      writing.left -= index > 0 ? known.length - 1 : known.length;
      text += known;
      continue;
    }
    writing.left -= quoted.length;
    text += text.length > 1 ? `,${quoted}` : quoted;
    text += value === UNREADABLE ? take(omitted("unreadable"), writing) : write(value, writing);
  }
  return `${text}}`;
}

/** Of an instance nothing is read but what its class means to show: anything else may be a secret that it keeps. */
function writeInstance(value: object, writing: Writing): string {
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    return take(Number.isNaN(time) ? omitted("date") : `"${new Date(time).toISOString()}"`, writing);
  }
  if (ArrayBuffer.isView(value)) return take(bytesMark(value.buffer, value), writing);
  if (types.isAnyArrayBuffer(value)) return take(bytesMark(value), writing);
  if (types.isMap(value)) return writeSequence(Map.prototype.entries.call(value), writing);
  if (types.isSet(value)) return writeSequence(Set.prototype.values.call(value), writing);
  if (types.isNativeError(value) || value instanceof Error) return take(errorText(value), writing);
  if (types.isBoxedPrimitive(value)) return write(value.valueOf(), writing);
  const shown = shownByItself(value);
  return shown === value ? take(omitted("object"), writing) : write(shown, writing);
}

function writeSequence(items: Iterable<unknown>, writing: Writing): string {
  let text = "[";
  writing.left -= 2;
  for (const item of items) {
    if (writing.left < 0) break;
    if (text.length > 1) text += ",";
    writing.left -= 1;
    text += write(item, writing);
  }
  return `${text}]`;
}

function bytesMark(
  buffer: ArrayBufferLike,
  { byteOffset, byteLength }: { readonly byteOffset: number; readonly byteLength: number } = {
    byteOffset: 0,
    byteLength: buffer.byteLength,
  },
): string {
  return truncated(byteLength, sha256Hex(new Uint8Array(buffer, byteOffset, byteLength)));
}

function errorText(error: Error): string {
  const name = readMember(error, "name");
  const code = readMember(error, "code");
  const safeName = typeof name === "string" && WORD.test(name) ? name : "Error";
  const safeCode = typeof code === "string" && WORD.test(code) ? `"code":"${code}",` : "";
  return `{${safeCode}"name":"${safeName}"}`;
}

function bigintText(value: bigint): string {
  const hex = value.toString(16);
  return hex.length <= MOST_HEX_DIGITS ? `"${value}"` : truncated(hex.length, sha256Hex(hex));
}

/** Stands for something that was left out for its length. The digest is absent where it would take too long. */
export function truncated(length: number, sha256?: string): string {
  return sha256 === undefined
    ? `{"len":${length},"trunc":true}`
    : `{"len":${length},"sha256":"${sha256}","trunc":true}`;
}
