import { excerpt } from "@symbiont/kit";
import { Fault } from "./fault.ts";
import type { Lexer, TokenKind } from "./lexer.ts";

/** Words of other languages and of prose, by what to write instead. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["and", "use && instead of and"],
  ["or", "use || instead of or"],
  ["contains", "write list.contains(value)"],
  ["includes", "write list.contains(value)"],
  ["with", "there is no with clause; put settings into a record: { key: value }"],
  ["without", "there is no without clause; write: if not condition"],
  ["for", "there is no for clause; write: if condition"],
]);

/** Steps over a token of this kind. */
export function expectToken(lexer: Lexer, kind: TokenKind): void {
  if (!lexer.is(kind)) throw unexpected(lexer, kind);
  lexer.next();
}

/** Steps over a name and returns it. */
export function expectName(lexer: Lexer): string {
  const name = lexer.value;
  if (!lexer.is("name")) throw unexpected(lexer, "a name");
  lexer.next();
  return name;
}

/** Says what was expected instead of the current token, with a hint where the mistake is a known one. */
export function unexpected(lexer: Lexer, expected: string): Fault {
  const { kind, at, end, text } = lexer;
  const found = kind === "end" ? "the end of the file" : excerpt(text.slice(at, end));
  const hint = hintFor(lexer);
  return new Fault(at, `expected ${expected}, found ${found}`, hint === undefined ? {} : { hint });
}

function hintFor({ kind, value, at, text }: Lexer): string | undefined {
  if (kind === "=") return "compare with ==";
  if (kind !== "name") return undefined;
  // A name takes every letter it can, so one that follows another without a space follows a number.
  if (/\w/.test(text.charAt(at - 1))) {
    return 'quote sizes and times that are not literals, such as "90_days" or "1MB"';
  }
  return HINTS.get(value);
}
