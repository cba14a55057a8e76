import { Lexer } from "../parse/lexer.ts";
import { expectsOperand, type SpacedToken } from "./spacing.ts";

/** A token with the place where it starts. */
export interface Token extends SpacedToken {
  readonly shape: "token";
  readonly at: number;
  readonly blankBefore: boolean;
}

/** A comment, which ends its line. */
export interface Comment {
  readonly shape: "comment";
  readonly text: string;
  /** Whether it stands behind something on its line. */
  readonly trailing: boolean;
  readonly blankBefore: boolean;
}

/** Brackets and what is between them. */
export interface Group {
  readonly shape: "group";
  readonly open: Token;
  readonly pieces: readonly Piece[];
  readonly close: Token;
}

/** A part of a block in the order of its text. */
export type Piece = Token | Comment | Group;

const CLOSING: ReadonlySet<string> = new Set([")", "]", "}"]);

/** Reads the pieces of a sound policy block that starts at an offset; says where it ends. */
export function readBlock(source: string, at: number): { readonly pieces: readonly Piece[]; end: number } {
  const lexer = new Lexer(source);
  lexer.end = at;
  const reader = new PieceReader(lexer);
  const pieces = reader.readThroughGroup();
  return { pieces, end: reader.end };
}

class PieceReader {
  readonly #lexer: Lexer;
  #before: SpacedToken | undefined;
  /** End of the last token that was read. */
  end: number;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
    this.end = lexer.end;
  }

  /** `policy name { … }`, up to and with the first group. */
  readThroughGroup(): Piece[] {
    const pieces: Piece[] = [];
    for (;;) {
      const token = this.#read(pieces);
      if (token.kind === "{") {
        pieces.push(this.#group(token));
        return pieces;
      }
      pieces.push(token);
    }
  }

  #group(open: Token): Group {
    const pieces: Piece[] = [];
    for (;;) {
      const token = this.#read(pieces);
      if (CLOSING.has(token.kind)) return { shape: "group", open, pieces, close: token };
      const opens = token.kind === "(" || token.kind === "[" || token.kind === "{";
      pieces.push(opens ? this.#group(token) : token);
    }
  }

  /** The next token; comments before it are put down first. */
  #read(pieces: Piece[]): Token {
    const lexer = this.#lexer;
    const from = this.end;
    lexer.next();
    const { kind, at, end, text: source } = lexer;
    const blankBefore = readGap(source.slice(from, at), pieces);
    const text = source.slice(at, end);
    const prefix = (kind === "-" || kind === "!") && expectsOperand(this.#before);
    const token: Token = { shape: "token", kind, text, prefix, at, blankBefore };
    this.#before = token;
    this.end = end;
    return token;
  }
}

/** Finds the comments between two tokens; tells whether an empty line follows the last of them. */
function readGap(gap: string, pieces: Piece[]): boolean {
  const lines = gap.split("\n");
  let blankBefore = false;
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    const isLast = index === lines.length - 1;
    if (text !== "") {
      pieces.push({ shape: "comment", text, trailing: index === 0, blankBefore });
      blankBefore = false;
    } else if (index > 0 && !isLast) blankBefore = true;
  }
  return blankBefore;
}
