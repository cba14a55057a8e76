import { type Entries, type PlainContext, unreadable } from "./plain-format.ts";

const KEY = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=/;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["$", "$"],
  [" ", " "],
  ["n", "\n"],
]);
const NAME = /[\p{Alphabetic}\p{Number}]*/uy;

/**
 * A dotenv file as the dotenvy crate reads it: `export`, quotes, escapes, values over several lines, and `$NAME` or
 * `${NAME}` everywhere but in single quotes. The environment wins over names of the file; what is undefined is empty.
 */
export function envEntries(text: string, { environment }: PlainContext): Entries {
  const entries = new Map<string, string>();
  const lookUp = (name: string): string =>
    (Object.hasOwn(environment, name) ? environment[name] : undefined) ?? entries.get(name) ?? "";
  for (const line of logicalLines(text)) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [before, key] = KEY.exec(line) ?? [];
    if (before === undefined || key === undefined) throw unreadable("a line is no assignment");
    entries.set(key, new ValueReader(line.slice(before.length), lookUp).read());
  }
  return entries;
}

/** Lines, those with an open quote joined to the next. A `#` after white space begins a comment, quotes in it none. */
function* logicalLines(text: string): Generator<string> {
  let start = 0;
  let quote = "";
  let comment = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === "\n" && quote === "") {
      yield text.slice(start, index).replace(/\r$/, "");
      start = index + 1;
      comment = false;
    } else if (comment) continue;
    else if (character === "\\" && text.charAt(index + 1) !== "\n") index += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else comment = character === "#" && (index === start || /\s/.test(text.charAt(index - 1)));
  }
  if (quote !== "") throw unreadable("a quote is not closed");
  yield text.slice(start);
}

/** Reads what stands behind the equals sign. */
class ValueReader {
  readonly #text: string;
  readonly #lookUp: (name: string) => string;
  #at = 0;
  #value = "";
  #inQuotes = false;

  constructor(text: string, lookUp: (name: string) => string) {
    this.#text = text.trim();
    this.#lookUp = lookUp;
  }

  read(): string {
    if (this.#text.startsWith("#")) return "";
    while (this.#at < this.#text.length) {
      const character = this.#take();
      if (character === "$") this.#substitute();
      else if (character === "\\") this.#escape();
      else if (character === '"') this.#inQuotes = !this.#inQuotes;
      else if (this.#inQuotes) this.#value += character;
      else if (character === "'") this.#verbatim();
      else if (character === " " || character === "\t") this.#end();
      else this.#value += character;
    }
    if (this.#inQuotes) throw unreadable("a quote is not closed");
    return this.#value;
  }

  #take(): string {
    return this.#text.charAt(this.#at++);
  }

  #escape(): void {
    const character = ESCAPED.get(this.#take());
    if (character === undefined) throw unreadable("an escape is not known");
    this.#value += character;
  }

  #verbatim(): void {
    const end = this.#text.indexOf("'", this.#at);
    if (end < 0) throw unreadable("a quote is not closed");
    this.#value += this.#text.slice(this.#at, end);
    this.#at = end + 1;
  }

  #substitute(): void {
    if (this.#text.charAt(this.#at) === "{") {
      const end = this.#text.indexOf("}", this.#at);
      if (end < 0) throw unreadable("a substitution is not closed");
      this.#value += this.#lookUp(this.#text.slice(this.#at + 1, end));
      this.#at = end + 1;
      return;
    }
    NAME.lastIndex = this.#at;
    const name = NAME.exec(this.#text)?.[0] ?? "";
    this.#at += name.length;
    this.#value += this.#lookUp(name);
    // dotenvy takes the character after a bare name as it is, be it a quote, a space or a backslash.
    if (this.#at < this.#text.length && this.#text.charAt(this.#at) !== "$") this.#value += this.#take();
  }

  /** After an unquoted space nothing may come but a comment. */
  #end(): void {
    const rest = this.#text.slice(this.#at).trimStart();
    if (rest !== "" && !rest.startsWith("#")) throw unreadable("a value with spaces is not quoted");
    this.#at = this.#text.length;
  }
}
