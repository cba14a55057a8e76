/** Names of plain words stand in many a description; what is around them says that a tool is meant. */
const PLAIN_WORD = /^[a-z]+$/;
const NAME_CHARACTER = "[A-Za-z0-9_.-]";
const COMMON_NAME = new RegExp(`^${NAME_CHARACTER}{1,128}$`);
const RUNS = new RegExp(`${NAME_CHARACTER}+`, "g");
const WORDS = /\w+/g;
const QUOTES = "\"'`";
const SHORTEST_NAME = 3;
const LONGEST_NAME = 128;
/** Names of other characters are looked for one by one: code units of text times names. */
const MAX_WORK = 1_000_000;

/**
 * Names of other servers' tools, made ready to be looked for in many texts. How long that takes grows with the text and
 * not with the names: both are what servers say.
 */
export class ForeignNames {
  readonly #words = new Set<string>();
  readonly #names = new Set<string>();
  readonly #odd: string[] = [];

  constructor(names: Iterable<string>) {
    for (const name of names) {
      if (name.length < SHORTEST_NAME) continue;
      if (PLAIN_WORD.test(name)) this.#words.add(name);
      else if (COMMON_NAME.test(name)) this.#names.add(name);
      else this.#odd.push(name);
    }
  }

  /** Whether a text speaks of one of the names, `own` aside; also when there is too much of both to be sure. */
  areIn(text: string, own: string): boolean {
    return this.#hasName(text, own) || this.#hasWord(text, own) || this.#hasOdd(text, own);
  }

  /** A name stands by itself, or before the point that ends a sentence. */
  #hasName(text: string, own: string): boolean {
    if (this.#names.size === 0) return false;
    for (const [run] of text.matchAll(RUNS)) {
      const start = run.slice(0, LONGEST_NAME + 1);
      for (let end = start.length; end > 0; end = start.lastIndexOf(".", end - 1)) {
        const name = start.slice(0, end);
        if (name !== own && this.#names.has(name)) return true;
      }
    }
    return false;
  }

  #hasWord(text: string, own: string): boolean {
    if (this.#words.size === 0) return false;
    for (const { 0: word, index } of text.matchAll(WORDS)) {
      if (word === own || !this.#words.has(word)) continue;
      const end = index + word.length;
      const after = text.charAt(end);
      const isQuoted = index > 0 && QUOTES.includes(text.charAt(index - 1));
      if (after === "(" || (isQuoted && after !== "" && QUOTES.includes(after))) return true;
      if (/^ tool\b/.test(text.slice(end, end + 6))) return true;
    }
    return false;
  }

  #hasOdd(text: string, own: string): boolean {
    if (text.length * this.#odd.length > MAX_WORK) return true;
    return this.#odd.some((name) => name !== own && standsIn(text, name));
  }
}

function standsIn(text: string, name: string): boolean {
  if (!text.includes(name)) return false;
  const quoted = name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`(?<!${NAME_CHARACTER})${quoted}(?!${NAME_CHARACTER.replace(".", "")})`, "u").test(text);
}
