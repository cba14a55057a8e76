import { type PublicKey, sha256Hex, verify } from "@symbiont/keys";
import {
  JsonNumber,
  type JsonTree,
  type JsonTreeObject,
  parseJsonTree,
  quoteJsonString,
  SCHEMAPIN_V1,
  writeJsonTree,
} from "@symbiont/kit";
import { canonicalize } from "./canonicalize.ts";
import { rustNumber } from "./number-spelling.ts";
import { SchemaPinError } from "./schemapin-error.ts";
import { decodeSignature } from "./verify-signature.ts";

/** A schema that carries its signature as Symbiont's own runtime writes it. */
export interface VerifiedSymbiontSchema {
  /** `sha256:<hex>` over the canonical text of the schema without its signature. */
  readonly digest: string;
  /** `sorted`: members by name. `file-order`: as they stood, the last one moved to where the signature was. */
  readonly profile: "sorted" | "file-order";
}

const SYMBIONT = { ...SCHEMAPIN_V1, number: rustNumber };
const FILE_ORDER = { ...SYMBIONT, compareNames: (): number => 0 };

/**
 * Verifies the format of Symbiont's own runtime, which is not SchemaPin: the signature is a top-level member of the
 * schema, over the compact text of the rest, hashed once. The signature covers what the file holds, which may be less
 * than a model sees of the tool. Nothing is pinned and no revocation is asked for; do both yourself.
 *
 * Differs from Symbiont: base64, DER and key are read strictly, duplicate names and `__proto__` are refused, and a
 * schema without a signature throws.
 *
 * @throws SchemaPinError `SCHEMAPIN_SIGNATURE_MISSING`, `SCHEMAPIN_SIGNATURE_INVALID`,
 * `SCHEMAPIN_CANONICALIZATION_FAILED`
 */
export function verifySymbiontSchema(schema: string | Uint8Array, key: PublicKey): VerifiedSymbiontSchema {
  const members = readMembers(schema);
  const { signature: signed, ...rest } = members;
  if (typeof signed !== "string") {
    throw new SchemaPinError("SCHEMAPIN_SIGNATURE_MISSING", "the schema has no signature member");
  }
  const signature = decodeSignature(signed);
  const digest = `sha256:${sha256Hex(writeJsonTree(rest, SCHEMAPIN_V1))}`;
  if (signature !== undefined) {
    if (verify(key, signature, writeJsonTree(rest, SYMBIONT))) return { digest, profile: "sorted" };
    // JavaScript objects do not remember where integer-like names stood.
    if (!hasIntegerNames(members) && verify(key, signature, fileOrder(members))) {
      return { digest, profile: "file-order" };
    }
  }
  throw new SchemaPinError("SCHEMAPIN_SIGNATURE_INVALID", "the signature does not hold for this schema");
}

function readMembers(schema: string | Uint8Array): JsonTreeObject {
  canonicalize(schema); // refuses what is no object, and what cannot be read strictly
  return parseJsonTree(schema, { reservedNames: [] }) as JsonTreeObject;
}

/** With its last member in the place of the signature. */
function fileOrder(members: JsonTreeObject): string {
  const names = Object.keys(members);
  const last = names.pop() as string;
  if (last !== "signature") names[names.indexOf("signature")] = last;
  const written = names.map(
    (name) => `${quoteJsonString(name)}:${writeJsonTree(members[name] as JsonTree, FILE_ORDER)}`,
  );
  return `{${written.join(",")}}`;
}

function hasIntegerNames(tree: JsonTree): boolean {
  if (Array.isArray(tree)) return (tree as readonly JsonTree[]).some(hasIntegerNames);
  if (!isObject(tree)) return false;
  return Object.entries(tree).some(([name, value]) => /^\d+$/.test(name) || hasIntegerNames(value));
}

function isObject(tree: JsonTree): tree is JsonTreeObject {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree) && !(tree instanceof JsonNumber);
}
