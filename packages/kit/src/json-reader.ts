import { KitError, type KitErrorCode } from "./error.ts";
import { excerpt } from "./excerpt.ts";
import { JsonNumber } from "./json-value.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [QUOTE, '"'],
  [BACKSLASH, "\\"],
  [0x2f, "/"],
  [0x62, "\b"],
  [0x66, "\f"],
  [0x6e, "\n"],
  [0x72, "\r"],
  [0x74, "\t"],
]);

/** Reads one JSON text strictly, and knows where it is: every error has its offset. */
export class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #reserved: ReadonlySet<string>;
  readonly #roundIntegers: boolean;
  readonly #keepNumbers: boolean;
  #at = 0;
  #depth = 0;

  constructor(
    text: string,
    maxDepth: number,
    reserved: ReadonlySet<string>,
    roundIntegers: boolean,
    keepNumbers: boolean,
  ) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#reserved = reserved;
    this.#roundIntegers = roundIntegers;
    this.#keepNumbers = keepNumbers;
  }

  read(): unknown {
    const value = this.#value(this.#next());
    if (!Number.isNaN(this.#next())) throw this.#unexpected("the end of the text");
    return value;
  }

  /** Skips white space and returns the code unit at the new position, NaN at the end. */
  #next(): number {
    const text = this.#text;
    let at = this.#at;
    let unit = text.charCodeAt(at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) {
      at += 1;
      unit = text.charCodeAt(at);
    }
    this.#at = at;
    return unit;
  }

  #value(unit: number): unknown {
    switch (unit) {
      case QUOTE:
        return this.#string();
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#array();
      case 0x74:
        return this.#literal("true", true);
      case 0x66:
        return this.#literal("false", false);
      case 0x6e:
        return this.#literal("null", null);
      default:
        if (unit === MINUS || (unit >= ZERO && unit <= NINE)) return this.#number();
        throw this.#unexpected("a value");
    }
  }

  #literal<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected("a value");
    this.#at += word.length;
    return value;
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) {
      throw this.#error("JSON_TOO_DEEP", `nesting is deeper than ${this.#maxDepth}`, this.#at);
    }
    this.#at += 1;
  }

  #array(): unknown[] {
    this.#enter();
    const items: unknown[] = [];
    let unit = this.#next();
    if (unit !== CLOSE_BRACKET) {
      for (;;) {
        items.push(this.#value(unit));
        unit = this.#next();
        if (unit !== COMMA) break;
        this.#at += 1;
        unit = this.#next();
      }
      if (unit !== CLOSE_BRACKET) throw this.#unexpected('"," or "]"');
    }
    this.#at += 1;
    this.#depth -= 1;
    return items;
  }

  #object(): Record<string, unknown> {
    this.#enter();
    const members: Record<string, unknown> = {};
    let unit = this.#next();
    if (unit !== CLOSE_BRACE) {
      for (;;) {
        if (unit !== QUOTE) throw this.#unexpected("a member name");
        const nameAt = this.#at;
        const name = this.#string();
        this.#checkName(members, name, nameAt);
        if (this.#next() !== COLON) throw this.#unexpected('":"');
        this.#at += 1;
        members[name] = this.#value(this.#next());
        unit = this.#next();
        if (unit !== COMMA) break;
        this.#at += 1;
        unit = this.#next();
      }
      if (unit !== CLOSE_BRACE) throw this.#unexpected('"," or "}"');
    }
    this.#at += 1;
    this.#depth -= 1;
    return members;
  }

  #checkName(members: Record<string, unknown>, name: string, at: number): void {
    if (name === "__proto__" || this.#reserved.has(name)) {
      throw this.#error("JSON_RESERVED_NAME", `member name ${excerpt(name)} is not allowed`, at);
    }
    // Members are never undefined, so the cheap read settles all but names that Object.prototype has too.
    if (members[name] !== undefined && Object.hasOwn(members, name)) {
      throw this.#error("JSON_DUPLICATE_NAME", `member name ${excerpt(name)} occurs twice`, at);
    }
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let at = start;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) {
        this.#at = at + 1;
        return text.slice(start, at);
      }
      if (unit === BACKSLASH) return this.#escapedString(start, at);
      if (unit >= 0x20 && (unit < 0xd800 || unit > 0xdfff)) at += 1;
      else at = this.#rareUnit(unit, at);
    }
  }

  /** Handles what ends or spoils the fast loop: a control character, a surrogate, or the end of the text. */
  #rareUnit(unit: number, at: number): number {
    if (unit >= 0xd800) {
      const low = this.#text.charCodeAt(at + 1);
      if (unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) return at + 2;
      throw this.#error("JSON_ILL_FORMED_TEXT", "string holds a lone surrogate", at);
    }
    this.#at = at;
    if (Number.isNaN(unit)) throw this.#unexpected("the end of the string");
    throw this.#error("JSON_SYNTAX", "string holds an unescaped control character", at);
  }

  #escapedString(start: number, firstEscape: number): string {
    const text = this.#text;
    let result = "";
    let from = start;
    let at = firstEscape;
    let high = -1; // position of an escaped high surrogate that still waits for its low half
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === BACKSLASH) {
        result += text.slice(from, at);
        const escape = this.#escape(at);
        const isLow = escape.unit >= 0xdc00 && escape.unit <= 0xdfff;
        if (high >= 0 ? !isLow || high !== at - 6 : isLow) {
          throw this.#error("JSON_ILL_FORMED_TEXT", "string holds a lone surrogate", high >= 0 ? high : at);
        }
        high = escape.unit >= 0xd800 && escape.unit <= 0xdbff ? at : -1;
        result += escape.text;
        at += escape.length;
        from = at;
        continue;
      }
      if (high >= 0) throw this.#error("JSON_ILL_FORMED_TEXT", "string holds a lone surrogate", high);
      if (unit === QUOTE) {
        this.#at = at + 1;
        return result + text.slice(from, at);
      }
      if (unit >= 0x20 && (unit < 0xd800 || unit > 0xdfff)) at += 1;
      else at = this.#rareUnit(unit, at);
    }
  }

  #escape(at: number): { text: string; unit: number; length: number } {
    const letter = this.#text.charCodeAt(at + 1);
    if (letter === 0x75) {
      const digits = this.#text.slice(at + 2, at + 6);
      if (!/^[0-9A-Fa-f]{4}$/.test(digits))
        throw this.#error("JSON_SYNTAX", "escape is not \\u and four hex digits", at);
      const unit = Number.parseInt(digits, 16);
      return { text: String.fromCharCode(unit), unit, length: 6 };
    }
    const text = ESCAPES.get(letter);
    if (text === undefined) throw this.#error("JSON_SYNTAX", "escape is unknown", at);
    return { text, unit: 0, length: 2 };
  }

  #number(): number | JsonNumber {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    if (text.charCodeAt(at) === MINUS) at += 1;
    const integerAt = at;
    at = this.#digits(at);
    if (at - integerAt > 1 && text.charCodeAt(integerAt) === ZERO) {
      throw this.#error("JSON_SYNTAX", "number has a leading zero", integerAt);
    }
    const integerEnd = at;
    if (text.charCodeAt(at) === DOT) at = this.#digits(at + 1);
    const exponent = text.charCodeAt(at);
    if (exponent === 0x65 || exponent === 0x45) {
      const sign = text.charCodeAt(at + 1);
      at = this.#digits(sign === 0x2b || sign === MINUS ? at + 2 : at + 1);
    }
    this.#at = at;
    const raw = text.slice(start, at);
    if (this.#keepNumbers) return new JsonNumber(raw);
    const value = Number(raw);
    if (at === integerEnd && !this.#roundIntegers && !Number.isSafeInteger(value)) {
      throw this.#error("JSON_NUMBER_RANGE", "integer does not fit a double exactly", start);
    }
    if (!Number.isFinite(value)) throw this.#error("JSON_NUMBER_RANGE", "number is out of range", start);
    return value;
  }

  #digits(from: number): number {
    const text = this.#text;
    let at = from;
    for (let unit = text.charCodeAt(at); unit >= ZERO && unit <= NINE; unit = text.charCodeAt(at)) at += 1;
    if (at === from) {
      this.#at = at;
      throw this.#unexpected("a digit");
    }
    return at;
  }

  #unexpected(expected: string): KitError {
    const at = this.#at;
    const found = at < this.#text.length ? excerpt(this.#text.slice(at, at + 1)) : "the end of the text";
    return this.#error("JSON_SYNTAX", `expected ${expected}, found ${found}`, at);
  }

  #error(code: KitErrorCode, message: string, offset: number): KitError {
    return new KitError(code, `${message} at offset ${offset}`, { offset });
  }
}
