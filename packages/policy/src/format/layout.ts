import type { Group, Piece, Token } from "./read-pieces.ts";
import { isSpaced, type SpacedToken } from "./spacing.ts";

/** Widest line that is not broken, in UTF-16 code units. */
const MAX_WIDTH = 100;
const INDENT = "  ";

/** Lays out pieces on lines: what fits stays on one line, what does not is broken at its outermost brackets. */
export class Layout {
  readonly #lineEnd: string;
  #text = "";
  #line = "";
  #indent: string;
  #before: SpacedToken | undefined;

  /** @param indent before every line but the first, whose place the caller knows. */
  constructor(indent: string, lineEnd: string) {
    this.#indent = indent;
    this.#lineEnd = lineEnd;
  }

  /** Writes pieces one behind the other, starting where the last ones ended. */
  write(pieces: readonly Piece[]): void {
    const last = pieces.findLastIndex((piece) => piece.shape !== "comment");
    const isBroken = !this.#fits(pieces.slice(0, last + 1));
    let isBegun = false;
    for (const piece of pieces) {
      if (piece.shape === "comment") {
        if (isBegun && !piece.trailing) this.#continueBelow();
        this.#comment(piece.text);
        continue;
      }
      const breaks = isBroken && piece.shape === "token" && this.#before?.kind !== "." && breaksBefore(piece);
      if (isBegun && (this.#line === "" || breaks)) this.#continueBelow();
      isBegun = true;
      if (piece.shape === "group") this.#group(piece);
      else this.#token(piece);
    }
  }

  /** Goes to the start of a line. */
  startLine(): void {
    if (this.#line !== "") this.#flush();
    this.#before = undefined;
  }

  /** Leaves a line empty. */
  blankLine(): void {
    this.startLine();
    this.#flush();
  }

  /** Moves what follows to the right, or back. */
  indent(levels: 1 | -1): void {
    this.#indent = levels === 1 ? this.#indent + INDENT : this.#indent.slice(INDENT.length);
  }

  /** Everything that was written, without a line feed at its end. */
  finish(): string {
    this.startLine();
    return this.#text.slice(0, -this.#lineEnd.length);
  }

  #group({ open, pieces, close }: Group): void {
    this.#token(open);
    if (this.#fits([...pieces, close])) {
      this.write(pieces);
      this.#token(close);
      return;
    }
    this.indent(1);
    for (const entry of splitEntries(pieces)) {
      // A comment behind a comma stays on the line of the comma.
      if (!(entry[0]?.shape === "comment" && entry[0].trailing)) this.startLine();
      this.write(entry);
    }
    this.indent(-1);
    this.startLine();
    this.#token(close);
  }

  /** Writes a comment; what comes next starts a line. */
  #comment(text: string): void {
    if (this.#line.trim() === "") this.#line = (this.#line || this.#indent) + text;
    else this.#line += ` ${text}`;
    this.#flush();
  }

  #token(token: Token): void {
    if (this.#line === "" && this.#text !== "") this.#line = this.#indent;
    else if (this.#before !== undefined && isSpaced(this.#before, token)) this.#line += " ";
    this.#line += token.text;
    this.#before = token;
  }

  /** Goes on with the same expression on a new line. */
  #continueBelow(): void {
    if (this.#line !== "") this.#flush();
    this.#line = this.#indent + INDENT;
  }

  #flush(): void {
    this.#text += this.#line + this.#lineEnd;
    this.#line = "";
    this.#before = undefined;
  }

  #fits(pieces: readonly Piece[]): boolean {
    const flat = flatten(pieces, this.#before);
    const used = Math.max(this.#line.length, this.#indent.length);
    return flat !== undefined && used + flat.length <= MAX_WIDTH;
  }
}

function breaksBefore({ kind, text }: Token): boolean {
  return kind === "&&" || kind === "||" || (kind === "name" && text === "if");
}

/** The pieces on one line, or undefined when a comment needs the end of one. */
function flatten(pieces: readonly Piece[], start: SpacedToken | undefined): string | undefined {
  let text = "";
  let before = start;
  const tokens = pieces.flatMap(tokensOf);
  for (const token of tokens) {
    if (token === undefined) return undefined;
    text += (before !== undefined && isSpaced(before, token) ? " " : "") + token.text;
    before = token;
  }
  return text;
}

function tokensOf(piece: Piece): readonly (Token | undefined)[] {
  if (piece.shape === "token") return [piece];
  if (piece.shape === "comment") return [undefined];
  return [piece.open, ...piece.pieces.flatMap(tokensOf), piece.close];
}

/** Cuts what is between brackets into entries: behind commas, and before each `key:` of a record without them. */
function splitEntries(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const entries: Piece[][] = [[]];
  for (const [index, piece] of pieces.entries()) {
    const current = entries.at(-1) as Piece[];
    const next = pieces[index + 1];
    const isKey = piece.shape === "token" && next?.shape === "token" && next.kind === ":";
    if (current.length > 0 && (isKey || isAfterComma(current))) entries.push([piece]);
    else current.push(piece);
  }
  return entries.filter((entry) => entry.length > 0);
}

function isAfterComma(entry: readonly Piece[]): boolean {
  const last = entry.at(-1);
  return last?.shape === "token" && last.kind === ",";
}
