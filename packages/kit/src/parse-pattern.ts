/** A piece of a parsed pattern. */
export type PatternPiece =
  | { readonly kind: "character"; readonly accepts: (point: number) => boolean }
  | { readonly kind: "assert"; readonly holds: (before: number, after: number) => boolean }
  | { readonly kind: "sequence" | "choice"; readonly pieces: readonly PatternPiece[] }
  | {
      readonly kind: "repeat";
      readonly piece: PatternPiece;
      readonly least: number;
      /** Infinite when there is no upper bound. */
      readonly most: number;
    };

/** Longest accepted pattern, in UTF-16 code units. */
const MAX_LENGTH = 1000;

const QUANTIFIER = /(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/y;
const ESCAPE = /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|x..|c.|.)/suy;
const CLASS = /\[(?:\\.|[^\]\\])*\]/suy;
const GROUP = /\((?:\?:|\?<[^=!>]+>)?/y;
const LINE_ENDS = new Set([0x0a, 0x0d, 0x2028, 0x2029]);

/**
 * Parses an ECMA-262 pattern as the `u` flag reads it, less back-references and look-around, which no finite
 * automaton can do.
 * @throws SyntaxError
 */
export function parsePattern(source: string): PatternPiece {
  if (source.length > MAX_LENGTH) throw new SyntaxError(`pattern is longer than ${MAX_LENGTH} characters`);
  compileNative(source); // a syntax check: this object is never run
  return new PatternParser(source).parse();
}

/** Reads a pattern that is known to be valid. */
class PatternParser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): PatternPiece {
    const choices = [this.#sequence()];
    while (this.#source.charAt(this.#at) === "|") {
      this.#at += 1;
      choices.push(this.#sequence());
    }
    return { kind: "choice", pieces: choices };
  }

  #sequence(): PatternPiece {
    const pieces: PatternPiece[] = [];
    for (;;) {
      const character = this.#source.charAt(this.#at);
      if (character === "" || character === "|" || character === ")") return { kind: "sequence", pieces };
      pieces.push(this.#quantified(this.#atom(character)));
    }
  }

  #atom(character: string): PatternPiece {
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return oneOf(this.#take(CLASS));
      case "\\":
        return this.#escape(this.#take(ESCAPE));
      case "^":
        this.#at += 1;
        return { kind: "assert", holds: (before) => before < 0 };
      case "$":
        this.#at += 1;
        return { kind: "assert", holds: (_, after) => after < 0 };
      case ".":
        this.#at += 1;
        return { kind: "character", accepts: (point) => !LINE_ENDS.has(point) };
      default: {
        const wanted = this.#source.codePointAt(this.#at) ?? 0;
        this.#at += wanted > 0xffff ? 2 : 1;
        return { kind: "character", accepts: (point) => point === wanted };
      }
    }
  }

  #group(): PatternPiece {
    this.#take(GROUP);
    if (this.#source.charAt(this.#at) === "?") throw new SyntaxError("look-around is not supported");
    const piece = this.parse();
    this.#at += 1; // the closing bracket
    return piece;
  }

  #escape(escape: string): PatternPiece {
    if (escape === "\\b") return { kind: "assert", holds: isWordEdge };
    if (escape === "\\B") return { kind: "assert", holds: (before, after) => !isWordEdge(before, after) };
    if (/^\\[1-9k]/.test(escape)) throw new SyntaxError("back-references are not supported");
    return oneOf(escape);
  }

  #quantified(piece: PatternPiece): PatternPiece {
    QUANTIFIER.lastIndex = this.#at;
    const found = QUANTIFIER.exec(this.#source);
    if (found === null) return piece;
    this.#at = QUANTIFIER.lastIndex;
    const [text, least, comma, most] = found;
    // Being greedy or lazy decides what is captured, not whether there is a match.
    if (text.startsWith("*")) return repeat(piece, 0, Number.POSITIVE_INFINITY);
    if (text.startsWith("+")) return repeat(piece, 1, Number.POSITIVE_INFINITY);
    if (text.startsWith("?")) return repeat(piece, 0, 1);
    if (comma === undefined) return repeat(piece, Number(least), Number(least));
    return repeat(piece, Number(least), most === "" ? Number.POSITIVE_INFINITY : Number(most));
  }

  #take(form: RegExp): string {
    form.lastIndex = this.#at;
    const [text] = form.exec(this.#source) ?? [];
    if (text === undefined) throw new SyntaxError("pattern is not supported");
    this.#at += text.length;
    return text;
  }
}

function repeat(piece: PatternPiece, least: number, most: number): PatternPiece {
  return { kind: "repeat", piece, least, most };
}

/** A class or escape, which stands for exactly one character: the runtime knows which. */
function oneOf(source: string): PatternPiece {
  const native = compileNative(`^${source}$`);
  const known = new Int8Array(128);
  const accepts = (point: number): boolean => {
    if (point > 127) return native.test(String.fromCodePoint(point));
    if (known[point] === 0) known[point] = native.test(String.fromCharCode(point)) ? 1 : -1;
    return known[point] === 1;
  };
  return { kind: "character", accepts };
}

function isWordEdge(before: number, after: number): boolean {
  return isWord(before) !== isWord(after);
}

function isWord(point: number): boolean {
  return point >= 0 && /^\w$/.test(String.fromCodePoint(point));
}

function compileNative(source: string): RegExp {
  return new RegExp(source, "u");
}
