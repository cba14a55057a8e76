import { parseJson } from "@symbiont/kit";
import { SchemaPinError } from "../schemapin-error.ts";

/** Largest document in bytes. */
export const MAX_DOCUMENT_BYTES = 65_536;

/**
 * Reads the JSON of a document.
 * @throws SchemaPinError `SCHEMAPIN_DISCOVERY_INVALID`
 */
export function parseDocument(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes, { maxBytes: MAX_DOCUMENT_BYTES, reservedNames: [] });
  } catch (cause) {
    throw new SchemaPinError("SCHEMAPIN_DISCOVERY_INVALID", "the document is not JSON", { cause });
  }
}
