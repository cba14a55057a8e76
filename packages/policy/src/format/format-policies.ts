import type { PolicyBlock } from "../parse/ast.ts";
import { type ParsePoliciesOptions, parsePolicies } from "../parse/parse-policies.ts";
import { Layout } from "./layout.ts";
import { type Group, type Piece, readBlock } from "./read-pieces.ts";

/**
 * Gives the text of a policy file with its policy blocks laid out the standard way: one rule a line, two spaces of
 * indentation, broken at brackets, `if`, `&&` and `||` where a line would be longer than 100 characters. Tokens and
 * comments stay as they are and in their order, so the meaning cannot change; everything outside of policy blocks
 * stays byte for byte. Formatting a second time changes nothing.
 *
 * Differs from Symbiont: a file with a mistake is refused, not given back as it was.
 *
 * @throws PolicyError as {@link parsePolicies} does.
 */
export function formatPolicies(input: string | Uint8Array, options: ParsePoliciesOptions = {}): string {
  const { source, policies } = parsePolicies(input, options);
  const lineEnd = source.includes("\r\n") ? "\r\n" : "\n";
  let text = "";
  let from = 0;
  for (const block of policies.toSorted((a, b) => a.at - b.at)) {
    const { pieces, end } = readBlock(source, block.at);
    const before = source.slice(from, block.at);
    const lead = /(?:^|\n)([^\S\n]*)$/.exec(before)?.[1];
    const indent = block.container.kind === "top" ? "" : "  ";
    const opening = lead === undefined ? before : before.slice(0, before.length - lead.length) + indent;
    text += opening + layOutBlock(block, pieces, new Layout(indent, lineEnd));
    from = end;
  }
  const rest = source.slice(from);
  return text + (rest === "" && text !== "" ? lineEnd : rest);
}

function layOutBlock(block: PolicyBlock, pieces: readonly Piece[], layout: Layout): string {
  const body = pieces.at(-1) as Group;
  const head = pieces.slice(0, -1);
  layout.write([...head, body.open]);
  if (body.pieces.length === 0) layout.write([body.close]);
  else {
    const starts = new Set(block.rules.map((rule) => rule.at));
    layout.indent(1);
    writeRules(layout, body.pieces, starts);
    layout.indent(-1);
    layout.startLine();
    layout.write([body.close]);
  }
  return layout.finish();
}

function writeRules(layout: Layout, pieces: readonly Piece[], starts: ReadonlySet<number>): void {
  let rule: Piece[] = [];
  let isFirst = true;
  const flush = (): void => {
    if (rule.length > 0) layout.write(rule);
    rule = [];
  };
  for (const piece of pieces) {
    const isStart = piece.shape === "token" && starts.has(piece.at);
    const isLineOfItsOwn = piece.shape === "comment" && !piece.trailing && endsRule(pieces, piece, starts);
    if (!isStart && !isLineOfItsOwn) {
      rule.push(piece);
      isFirst = false;
      continue;
    }
    flush();
    if (piece.blankBefore && !isFirst) layout.blankLine();
    else layout.startLine();
    rule.push(piece);
    isFirst = false;
  }
  flush();
}

/** Whether nothing of a rule follows a comment before the next rule, so that it belongs to none. */
function endsRule(pieces: readonly Piece[], comment: Piece, starts: ReadonlySet<number>): boolean {
  const next = pieces.slice(pieces.indexOf(comment) + 1).find((piece) => piece.shape !== "comment");
  return next === undefined || (next.shape === "token" && starts.has(next.at));
}
