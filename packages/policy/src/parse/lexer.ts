import { excerpt } from "@symbiont/kit";
import { Fault } from "./fault.ts";
import { MAX_STRING_LENGTH } from "./limits.ts";

/**
 * What a token is: a class of words, the end of the text, something that is no token, or the very characters
 * of a punctuation mark.
 */
export type TokenKind =
  | "name"
  | "string"
  | "number"
  | "duration"
  | "vault"
  | "end"
  | "fault"
  | "||"
  | "&&"
  | "=="
  | "!="
  | "=>"
  | "<="
  | ">="
  | "<"
  | ">"
  | "="
  | "!"
  | SingleMark;

type SingleMark = "+" | "-" | "*" | "/" | "%" | "(" | ")" | "[" | "]" | "{" | "}" | "," | ":" | "." | ";";

const SINGLE_MARKS = "+-*/%()[]{},:.;";
const NUMBER = /\d+(?:_\d+)*(?:\.\d+)?/y;
// The alternatives stand longest first, so that the first match is the longest.
const DURATION = /\d+(?:\.seconds|\.minutes|\.hours|months|[smhdwy])/y;
const VAULT = /vault:\/\/[A-Za-z0-9_\-/.]+/y;
const SPACE = /\s/;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Zl}\p{Zp}\u2800]/u;
const COMMENT_BREAK = /\r(?!\n|$)|[\u000b\u000c\u0085\u2028\u2029]/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/**
 * Cuts policy text into tokens, one at a time.
 * `next` must be called for the first one. The current token is `kind`, `value` (its text; decoded, for a string) and the span from `at` to `end`.
 */
export class Lexer {
  readonly text: string;
  kind: TokenKind = "end";
  value = "";
  at = 0;
  end = 0;
  /** Brackets open behind the current token. */
  depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether the current token is of this kind. */
  is(kind: TokenKind): boolean {
    return this.kind === kind;
  }

  /** Whether the current token is this name. */
  isName(name: string): boolean {
    return this.kind === "name" && this.value === name;
  }

  /** Makes the token before the current one, which started at `offset`, the current one again. */
  rewind(offset: number): void {
    this.depth -= depthOf(this.kind);
    this.end = offset;
    this.next();
  }

  /** @throws Fault at a character or string that is not in the language; the next call goes on behind it. */
  next(): void {
    const text = this.text;
    const at = this.#skipSpace(this.end);
    this.at = at;
    this.end = at;
    const unit = text.charCodeAt(at);
    if (isNameStart(unit)) return this.#name(unit);
    if (isDigit(unit)) return this.#number();
    if (unit === 0x22) return this.#string();
    if (Number.isNaN(unit)) return this.#take("end", 0);
    this.#mark(text.charAt(at), text.charAt(at + 1));
  }

  #take(kind: TokenKind, length: number): void {
    this.kind = kind;
    this.end = this.at + length;
    this.value = kind;
    this.depth += depthOf(kind);
  }

  #skipSpace(from: number): number {
    const text = this.text;
    let at = from;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === 0x20 || (unit >= 0x09 && unit <= 0x0d)) at += 1;
      else if (unit === 0x23 || (unit === 0x2f && text.charCodeAt(at + 1) === 0x2f)) at = this.#comment(at);
      else if (unit > 0x7f && unit !== 0xfeff && SPACE.test(text.charAt(at))) at += 1;
      else return at;
    }
  }

  /** A comment ends at a line feed only, so no other character may look like the end of its line. */
  #comment(from: number): number {
    const feed = this.text.indexOf("\n", from);
    const end = feed < 0 ? this.text.length : feed;
    const comment = this.text.slice(from, feed < 0 ? end : end + 1);
    const hidden = comment.search(COMMENT_BREAK);
    if (hidden >= 0) {
      this.at = from + hidden;
      throw this.#fault("comment holds a line break other than LF or CRLF", { resumeAt: end });
    }
    return end;
  }

  #name(first: number): void {
    const text = this.text;
    let end = this.at + 1;
    while (isNamePart(text.charCodeAt(end))) end += 1;
    if (first === 0x76 && text.startsWith("vault://", this.at)) {
      VAULT.lastIndex = this.at;
      if (VAULT.test(text)) {
        this.kind = "vault";
        this.end = VAULT.lastIndex;
        this.value = text.slice(this.at, this.end);
        return;
      }
    }
    this.kind = "name";
    this.end = end;
    this.value = text.slice(this.at, end);
  }

  #number(): void {
    const text = this.text;
    NUMBER.lastIndex = this.at;
    NUMBER.test(text);
    DURATION.lastIndex = this.at;
    const isDuration = DURATION.test(text) && DURATION.lastIndex > NUMBER.lastIndex;
    this.kind = isDuration ? "duration" : "number";
    this.end = isDuration ? DURATION.lastIndex : NUMBER.lastIndex;
    this.value = text.slice(this.at, this.end);
  }

  #string(): void {
    const text = this.text;
    const start = this.at + 1;
    let decoded = "";
    let from = start;
    let at = start;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === 0x22) break;
      if (Number.isNaN(unit)) throw this.#fault("string has no closing quote", { resumeAt: text.length });
      if (unit === 0x5c) {
        const escaped = text.charAt(at + 1);
        if (escaped === "\n") {
          throw this.#fault("string holds a backslash at the end of a line", { resumeAt: text.length });
        }
        // An unknown escape keeps its backslash: it stands for itself.
        decoded += text.slice(from, at) + (ESCAPES[escaped] ?? `\\${escaped}`);
        at += 2;
        from = at;
      } else at += 1;
    }
    if (at - start > MAX_STRING_LENGTH) {
      throw new Fault(this.at, `string is longer than ${MAX_STRING_LENGTH} characters`, { limit: true });
    }
    this.kind = "string";
    this.end = at + 1;
    this.value = decoded + text.slice(from, at);
  }

  #mark(first: string, second: string): void {
    switch (first) {
      case "=":
        return second === "="
          ? this.#take("==", 2)
          : second === ">"
            ? this.#take("=>", 2)
            : this.#take("=", 1);
      case "!":
        return second === "=" ? this.#take("!=", 2) : this.#take("!", 1);
      case "<":
        return second === "=" ? this.#take("<=", 2) : this.#take("<", 1);
      case ">":
        return second === "=" ? this.#take(">=", 2) : this.#take(">", 1);
      case "|":
        if (second === "|") return this.#take("||", 2);
        throw this.#fault(`unexpected character "|"`, { hint: "use || for or; lambdas are written x => …" });
      case "&":
        if (second === "&") return this.#take("&&", 2);
        throw this.#fault(`unexpected character "&"`, { hint: "use && for and" });
      case "/":
        if (second === "*") {
          const hint = "start each comment line with // or #";
          throw this.#fault("block comments are not supported", { hint });
        }
        return this.#take("/", 1);
      default:
        if (SINGLE_MARKS.includes(first)) return this.#take(first as SingleMark, 1);
        throw this.#unexpected();
    }
  }

  #unexpected(): Fault {
    const character = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    if (INVISIBLE.test(character)) return this.#fault(`invisible character ${excerpt(character)}`);
    const message = `unexpected character ${excerpt(character)}`;
    if (character !== "'") return this.#fault(message);
    return this.#fault(message, { hint: 'strings are written with "double quotes"' });
  }

  #fault(message: string, options: { readonly hint?: string; readonly resumeAt?: number } = {}): Fault {
    this.kind = "fault";
    this.value = "";
    this.end = options.resumeAt ?? this.at + 1;
    return new Fault(this.at, message, options);
  }
}

function depthOf(kind: TokenKind): number {
  switch (kind) {
    case "(":
    case "[":
    case "{":
      return 1;
    case ")":
    case "]":
    case "}":
      return -1;
    default:
      return 0;
  }
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isNameStart(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f;
}

function isNamePart(unit: number): boolean {
  return isNameStart(unit) || isDigit(unit);
}
