import {
  canonicalJson,
  JsonNumber,
  type JsonTree,
  type JsonValue,
  KitError,
  parseJsonTree,
  SCHEMAPIN_V1,
  writeJsonTree,
} from "@symbiont/kit";
import { type PortabilityIssue, portabilityIssues } from "./portability.ts";
import { SchemaPinError } from "./schemapin-error.ts";

/** A text up to here is within the parser's limit however it is encoded. */
const MAX_TEXT_LENGTH = (1 << 20) / 3;

/** Numbers, names that begin with a digit, and characters that sort differently somewhere; most schemas have none. */
const MAY_HAVE_ISSUES = /["[,:]-?\d|[\ud800-\uffff]/;

/** A schema in its canonical form. */
export interface CanonicalSchema {
  /** `schemapin-v1` text: names by code point, numbers as written, no white space. */
  readonly text: string;
  /** Why implementations would disagree about the text; empty when it is portable and may be signed. */
  readonly issues: readonly PortabilityIssue[];
}

/** A schema: its text (preferred, nothing is lost in it), or plain data. */
export type SchemaInput = string | Uint8Array | object;

/**
 * Brings a schema into the canonical form `schemapin-v1`, and says whether it is portable.
 *
 * Text is read strictly: duplicate names, `__proto__`, lone surrogates, a byte order mark, depth over 64 and size
 * over 1 MiB are refused. Plain data must be plain: no `undefined`, getters, `toJSON` or class instances.
 *
 * @throws SchemaPinError `SCHEMAPIN_CANONICALIZATION_FAILED`
 */
export function canonicalize(schema: SchemaInput): CanonicalSchema {
  try {
    return typeof schema === "string" || schema instanceof Uint8Array ? fromText(schema) : fromData(schema);
  } catch (cause) {
    if (KitError.is(cause)) throw failed(cause.message, cause);
    throw cause;
  }
}

function fromText(text: string | Uint8Array): CanonicalSchema {
  const tree = parseJsonTree(text, { reservedNames: [] });
  if (!isObject(tree)) throw failed("the schema is not an object");
  const written = writeJsonTree(tree, SCHEMAPIN_V1);
  return { issues: MAY_HAVE_ISSUES.test(written) ? checkedIssues(tree) : [], text: written };
}

function fromData(data: object): CanonicalSchema {
  const text = canonicalJson(data, { undefinedMembers: "refuse" });
  if (text.length > MAX_TEXT_LENGTH || Array.isArray(data)) return fromText(text);
  // Of what is portable, RFC 8785 and schemapin-v1 write the same text.
  const issues = MAY_HAVE_ISSUES.test(text) ? checkedIssues(data as JsonValue) : [];
  return issues.length === 0 ? { issues, text } : fromText(text);
}

function checkedIssues(schema: JsonTree | JsonValue): readonly PortabilityIssue[] {
  const issues = portabilityIssues(schema);
  if (issues.includes("number-not-finite")) throw failed("a number is out of range");
  return issues;
}

function isObject(tree: JsonTree): boolean {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree) && !(tree instanceof JsonNumber);
}

function failed(message: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError(
    "SCHEMAPIN_CANONICALIZATION_FAILED",
    `schema cannot be canonicalized: ${message}`,
    { cause },
  );
}
