import {
  compareCodePoints,
  type JsonForm,
  JsonNumber,
  type JsonTree,
  parseJsonTree,
  quoteJsonString,
  SCHEMAPIN_V1,
  writeJsonTree,
} from "@symbiont/kit";
import type { CanonicalSchema } from "./canonicalize.ts";
import { goNumber, javascriptNumber, pythonNumber, rustNumber } from "./number-spelling.ts";
import { compareAsJavascript } from "./portability.ts";

/**
 * Whose way of writing a schema a signature was made over. Of a portable schema all but `go-single` are the same.
 *
 * - `code-point`: names by code point, numbers as written. What this package signs.
 * - `javascript`, `python`, `rust`: as the SchemaPin implementation in that language orders names and spells numbers.
 * - `go-single`: hashed once instead of twice, also with HTML escaped, as the one in Go does. Only when asked for: a
 *   signed trust bundle is hashed once as well, so that it could stand for a schema.
 */
export type VerifyProfile = "code-point" | "javascript" | "python" | "rust" | "go-single";

/** A text that a signature may have been made over. */
export interface CandidateText {
  readonly profile: VerifyProfile;
  readonly text: string;
}

const JAVASCRIPT: JsonForm = {
  compareNames: compareAsJavascript,
  number: javascriptNumber,
  string: quoteJsonString,
};
const PYTHON: JsonForm = { ...SCHEMAPIN_V1, number: pythonNumber };
const RUST: JsonForm = { ...SCHEMAPIN_V1, number: rustNumber };
const GO: JsonForm = { compareNames: compareCodePoints, number: goNumber, string: goString };
/** Go before 1.22 wrote these two characters as code points. */
const GO_OLD: JsonForm = {
  ...GO,
  string: (text) => goString(text).replaceAll("\\b", "\\u0008").replaceAll("\\f", "\\u000c"),
};

/** Which texts to try besides the canonical one. */
export interface CandidateOptions {
  /** Whether the schema came as text, so that the numbers are known as their signer wrote them. */
  readonly fromText: boolean;
  readonly goSingle: boolean;
}

/**
 * The texts that the published implementations write for a schema, besides the canonical one. A text that does not
 * read back as the same schema is left out: nobody must sign one thing and have another verified.
 */
export function* candidateTexts(
  { text, issues }: CanonicalSchema,
  { fromText, goSingle }: CandidateOptions,
): Generator<CandidateText> {
  if (issues.length === 0 && !goSingle) return;
  const tree = parseJsonTree(text, { reservedNames: [] });
  const forms: [VerifyProfile, JsonForm][] = [];
  if (issues.length > 0) forms.push(["javascript", JAVASCRIPT]);
  if (fromText && issues.some((issue) => issue.startsWith("number"))) {
    forms.push(["python", PYTHON], ["rust", RUST]);
  }
  // Without the escapes it is what a literal reader of the specification signs.
  if (goSingle) forms.push(["go-single", SCHEMAPIN_V1], ["go-single", GO_OLD], ["go-single", GO]);
  for (const [profile, form] of forms) {
    const candidate = writeJsonTree(tree, form);
    if (isSameTree(parseJsonTree(candidate, { reservedNames: [] }), tree)) yield { profile, text: candidate };
  }
}

/** As Go writes strings: safe inside HTML and JavaScript. */
function goString(text: string): string {
  return quoteJsonString(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isSameTree(a: JsonTree, b: JsonTree): boolean {
  if (a instanceof JsonNumber || b instanceof JsonNumber) {
    return a instanceof JsonNumber && b instanceof JsonNumber && a.value === b.value;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  const [left, right] = [a, b] as unknown as readonly Record<string, JsonTree>[];
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) => Object.hasOwn(b, name) && isSameTree(left?.[name] as JsonTree, right?.[name] as JsonTree),
    )
  );
}
