import {
  canonicalJson,
  JsonNumber,
  type JsonTree,
  type JsonTreeObject,
  KitError,
  parseJsonTree,
  SCHEMAPIN_V1,
  writeJsonTree,
} from "@symbiont/kit";
import { type PortabilityIssue, portabilityIssues } from "./portability.ts";
import { SchemaPinError } from "./schemapin-error.ts";

/** A schema in its canonical form. */
export interface CanonicalSchema {
  /** `schemapin-v1` text: names by code point, numbers as written, no white space. */
  readonly text: string;
  /** Why implementations would disagree about the text; empty when it is portable and may be signed. */
  readonly issues: readonly PortabilityIssue[];
  /** The schema itself, numbers as written. */
  readonly tree: JsonTreeObject;
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
  const tree = readTree(schema);
  if (!isObject(tree)) throw failed("the schema is not an object");
  const issues = portabilityIssues(tree);
  if (issues.includes("number-not-finite")) throw failed("a number is out of range");
  return { text: writeJsonTree(tree, SCHEMAPIN_V1), issues, tree };
}

function readTree(schema: SchemaInput): JsonTree {
  try {
    const text =
      typeof schema === "string" || schema instanceof Uint8Array
        ? schema
        : canonicalJson(schema, { undefinedMembers: "refuse" });
    return parseJsonTree(text, { reservedNames: [] });
  } catch (cause) {
    throw failed(KitError.is(cause) ? cause.message : "the schema is not plain data", cause);
  }
}

function isObject(tree: JsonTree): tree is JsonTreeObject {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree) && !(tree instanceof JsonNumber);
}

function failed(message: string, cause?: unknown): SchemaPinError {
  return new SchemaPinError(
    "SCHEMAPIN_CANONICALIZATION_FAILED",
    `schema cannot be canonicalized: ${message}`,
    { cause },
  );
}
