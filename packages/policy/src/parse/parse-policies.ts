import { decodeUtf8, encodeUtf8, excerpt } from "@symbiont/kit";
import { PolicyError, type PolicyErrorCode } from "../error.ts";
import type { PolicyFile } from "./ast.ts";
import { FileParser } from "./file-parser.ts";
import { MAX_SOURCE_BYTES } from "./limits.ts";
import { locate } from "./position.ts";

/** Options of {@link parsePolicies}. */
export interface ParsePoliciesOptions {
  /** Name for messages, rule ids and the digest of the set. Default `"policy.symbi"`. */
  readonly file?: string;
}

const BYTE_ORDER_MARK = "\ufeff";
// Bidirectional controls reorder what a reader sees, in strings and comments too (CVE-2021-42574).
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * Parses the policy blocks of a `.symbi` file, wherever they stand in it.
 *
 * Any mistake refuses the whole file: nothing is repaired, and nothing is skipped that could be a rule. The
 * accepted language is that of Symbiont's tree-sitter grammar, less statements in an if-expression and a bare
 * type literal as its condition.
 *
 * Differs from Symbiont: its extractors read the tree that error recovery leaves behind, in which a rule may
 * be weaker than the one that was written.
 *
 * @param input text, or bytes of UTF-8; a byte order mark may come first.
 * @throws PolicyError `POLICY_SYNTAX`, with up to 20 diagnostics; `POLICY_TOO_LARGE` beyond 256 KiB, 64 levels
 * of nesting, 20,000 expression nodes, 4,096 rules or 64 KiB in one string.
 */
export function parsePolicies(input: string | Uint8Array, options: ParsePoliciesOptions = {}): PolicyFile {
  const file = options.file ?? "policy.symbi";
  const text = readText(input, file);
  const source = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const bidi = source.search(BIDI);
  if (bidi >= 0) {
    throw refuse(
      "POLICY_SYNTAX",
      file,
      source,
      bidi,
      `bidirectional control ${excerpt(source.charAt(bidi))}`,
    );
  }
  const { policies, faults } = new FileParser(source).parse();
  if (faults.length > 0) {
    const code = faults.some((fault) => fault.limit) ? "POLICY_TOO_LARGE" : "POLICY_SYNTAX";
    throw new PolicyError(
      code,
      faults.map(({ at, message, hint }) => ({
        file,
        ...locate(source, at),
        message,
        ...(hint === undefined ? {} : { hint }),
      })),
    );
  }
  return { file, source, policies };
}

function readText(input: string | Uint8Array, file: string): string {
  // A UTF-16 code unit is at least one byte of UTF-8, so a long text need not be encoded to be refused.
  if (input.length > MAX_SOURCE_BYTES + BYTE_ORDER_MARK.length * 3) throw tooLarge(file);
  let text: string;
  let bytes: Uint8Array;
  try {
    text = typeof input === "string" ? input : decodeUtf8(input);
    bytes = typeof input === "string" ? encodeUtf8(input) : input;
  } catch (cause) {
    const message = "text is not well-formed Unicode";
    throw new PolicyError("POLICY_SYNTAX", [{ file, line: 1, column: 1, message }], { cause });
  }
  const mark = text.startsWith(BYTE_ORDER_MARK) ? 3 : 0;
  if (bytes.length - mark > MAX_SOURCE_BYTES) throw tooLarge(file);
  return text;
}

function tooLarge(file: string): PolicyError {
  const message = `file is longer than ${MAX_SOURCE_BYTES} bytes`;
  return new PolicyError("POLICY_TOO_LARGE", [{ file, line: 1, column: 1, message }]);
}

function refuse(
  code: PolicyErrorCode,
  file: string,
  source: string,
  at: number,
  message: string,
): PolicyError {
  return new PolicyError(code, [{ file, ...locate(source, at), message }]);
}
