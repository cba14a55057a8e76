import { isUtf8 } from "node:buffer";

/** The members of a record that a chain looks at: text or a number; whatever is neither is as if it were not there. */
export type RecordFields = Readonly<Fields>;

interface Fields {
  v: unknown;
  seq: unknown;
  prev: unknown;
  ts: unknown;
  type: unknown;
  out: unknown;
  /** Sequence of the attempt that this is the outcome of. */
  of: unknown;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const UNDERSCORE = 0x5f;
const OPEN_OBJECT = 0x7b;
const CLOSES = 2;

/** Integers of so many digits are written by every serialiser in the same way. */
const MOST_DIGITS = 15;
const MOST_DEPTH = 32;
/** 1 for the bytes that stand for themselves in a string: ASCII without control characters, quote and backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== 0x5c ? 1 : 0,
);
/** As `PLAIN`, and 1 for the bytes of other characters, which are checked together. */
const IN_STRING = PLAIN.map((plain, byte) => (byte >= 0x80 ? 1 : plain));
const WORDS: readonly Uint8Array[] = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));

// For each open container: which kind it is, and where in the line the name of its newest member is. Nothing is left
// in them between two calls.
const containers = new Uint8Array(MOST_DEPTH + 1);
const nameStarts = new Int32Array(MOST_DEPTH + 1);
const nameEnds = new Int32Array(MOST_DEPTH + 1);

/**
 * Reads the fields of a line without parsing it, when the line is certainly the canonical form of a JSON object:
 * members in order, strings without escapes, whole numbers of up to fifteen digits. It is several times faster than
 * parsing and writing again.
 * @returns undefined when the line is not, or not certainly: then it has to be parsed.
 */
export function scanRecord(line: Buffer): RecordFields | undefined {
  if (line[0] !== OPEN_OBJECT) return undefined;
  const end = line.length;
  const fields: Fields = {
    v: undefined,
    seq: undefined,
    prev: undefined,
    ts: undefined,
    type: undefined,
    out: undefined,
    of: undefined,
  };
  let at = 0;
  let depth = -1;
  let ascii = true;
  let valueStart = 0;
  for (;;) {
    // A value.
    const byte = line[at] as number;
    if (depth === 0) valueStart = at;
    if (byte === QUOTE) {
      at += 1;
      while (PLAIN[line[at] as number] === 1) at += 1;
      if ((line[at] as number) >= 0x80) {
        ascii = false;
        while (IN_STRING[line[at] as number] === 1) at += 1;
      }
      if (line[at] !== QUOTE) return undefined;
      at += 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (depth === MOST_DEPTH) return undefined;
      depth += 1;
      at += 1;
      containers[depth] = byte;
      nameStarts[depth] = -1;
      if (line[at] !== byte + CLOSES) {
        if (byte === OPEN_OBJECT) {
          at = scanName(line, at, depth);
          if (at === 0) return undefined;
        }
        continue;
      }
      at += 1;
      depth -= 1;
    } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      const start = byte === MINUS ? at + 1 : at;
      at = start;
      while ((line[at] as number) >= ZERO && (line[at] as number) <= NINE) at += 1;
      const zero = line[start] === ZERO && (at - start > 1 || byte === MINUS);
      // A fraction or an exponent fails at what must come next.
      if (at === start || at - start > MOST_DIGITS || zero) return undefined;
    } else {
      at = scanWord(line, at);
      if (at === 0) return undefined;
    }
    // What comes after it: the next one, or the end of what it is in.
    for (;;) {
      if (depth < 0) return at === end && (ascii || isUtf8(line)) ? fields : undefined;
      if (depth === 0) keepField(fields, line, valueStart, at);
      const container = containers[depth] as number;
      const next = line[at];
      at += 1;
      if (next === COMMA) {
        if (container === OPEN_OBJECT) {
          at = scanName(line, at, depth);
          if (at === 0) return undefined;
        }
        break;
      }
      if (next !== container + CLOSES) return undefined;
      depth -= 1;
    }
  }
}

/** Passes a name and its colon; 0 when it is not the next one in order, or not certainly. */
function scanName(line: Buffer, at: number, depth: number): number {
  const start = at + 1;
  // The order of ASCII is that of its bytes, and no name may begin as `__proto__` does.
  if (line[at] !== QUOTE || line[start] === UNDERSCORE) return 0;
  let end = start;
  while (PLAIN[line[end] as number] === 1) end += 1;
  if (line[end] !== QUOTE || line[end + 1] !== COLON) return 0;
  const before = nameStarts[depth] as number;
  if (before >= 0 && !isLess(line, before, nameEnds[depth] as number, start, end)) return 0;
  nameStarts[depth] = start;
  nameEnds[depth] = end;
  return end + 2;
}

function isLess(line: Buffer, first: number, firstEnd: number, second: number, secondEnd: number): boolean {
  const length = Math.min(firstEnd - first, secondEnd - second);
  for (let index = 0; index < length; index += 1) {
    const difference = (line[first + index] as number) - (line[second + index] as number);
    if (difference !== 0) return difference < 0;
  }
  return firstEnd - first < secondEnd - second;
}

function scanWord(line: Buffer, at: number): number {
  for (const word of WORDS)
    if (word.every((letter, index) => line[at + index] === letter)) return at + word.length;
  return 0;
}

/** The names that are read, as the numbers that their bytes make: none is longer than four. */
const NAMES: ReadonlyMap<number, keyof Fields> = new Map(
  (["v", "of", "ts", "out", "seq", "prev", "type"] as const).map((name) => [
    Buffer.from(name).readUIntBE(0, name.length),
    name,
  ]),
);
const LONGEST_NAME = 4;

function keepField(fields: Fields, line: Buffer, start: number, end: number): void {
  const nameStart = nameStarts[0] as number;
  const nameEnd = nameEnds[0] as number;
  if (nameStart < 0 || nameEnd - nameStart > LONGEST_NAME) return;
  let number = 0;
  for (let index = nameStart; index < nameEnd; index += 1) number = number * 256 + (line[index] as number);
  const name = NAMES.get(number);
  if (name === undefined) return;
  const byte = line[start] as number;
  if (byte === QUOTE) fields[name] = line.toString("utf8", start + 1, end - 1);
  else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) fields[name] = integerOf(line, start, end);
}

function integerOf(line: Buffer, start: number, end: number): number {
  const negative = line[start] === MINUS;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end; at += 1)
    value = value * 10 + ((line[at] as number) - ZERO);
  return negative ? -value : value;
}
