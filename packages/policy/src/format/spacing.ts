import type { TokenKind } from "../parse/lexer.ts";

/** A token as far as the space beside it is concerned. */
export interface SpacedToken {
  readonly kind: TokenKind;
  readonly text: string;
  /** Whether it is an operator with an operand on its right only. */
  readonly prefix: boolean;
}

const WORDS: ReadonlySet<string> = new Set(["if", "else", "not", "in"]);
const OPERATORS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "||",
  "&&",
  "==",
  "!=",
  "=>",
  "<=",
  ">=",
  "<",
  ">",
  "=",
  "!",
  "+",
  "-",
  "*",
  "/",
  "%",
]);
const OPENS_OPERAND: ReadonlySet<TokenKind> = new Set<TokenKind>([...OPERATORS, "(", "[", "{", ",", ":"]);

/** Whether an operator behind this token (undefined: at the start) has no operand on its left. */
export function expectsOperand(before: SpacedToken | undefined): boolean {
  return before === undefined || OPENS_OPERAND.has(before.kind) || isWord(before);
}

/** Whether two tokens that stand on one line have a space between them. */
export function isSpaced(before: SpacedToken, after: SpacedToken): boolean {
  if (before.prefix) return false;
  if (after.kind === "." || before.kind === ".") return glues(before, after);
  switch (after.kind) {
    case ")":
    case "]":
    case ",":
    case ":":
      return false;
    case "(":
    case "[":
      return expectsOperand(before) && before.kind !== "(" && before.kind !== "[";
    case "}":
      return before.kind !== "{";
    default:
      return before.kind !== "(" && before.kind !== "[";
  }
}

/** A point right behind a number or a vault reference would become a part of it. */
function glues(before: SpacedToken, after: SpacedToken): boolean {
  return after.kind === "." && (before.kind === "number" || before.kind === "vault");
}

function isWord({ kind, text }: SpacedToken): boolean {
  return kind === "name" && WORDS.has(text);
}
