import { type JsonValue, KitError, parseJson } from "@symbiont/kit";
import { AgentPinError } from "../agentpin-error.ts";

/** Largest document in bytes. */
export const MAX_DOCUMENT_BYTES = 1_048_576;
const MAX_DEPTH = 32;

/**
 * Reads the text of a document, strictly.
 * @throws AgentPinError `AGENTPIN_DISCOVERY_INVALID` with reason `json`, `utf8`, `duplicate_member`, `depth`, `schema`
 * or `too_large`
 */
export function parseDocumentText(
  text: string | Uint8Array,
  maxBytes: number = MAX_DOCUMENT_BYTES,
): JsonValue {
  try {
    return parseJson(text, { maxBytes, maxDepth: MAX_DEPTH, reservedNames: [] });
  } catch (error) {
    if (!KitError.is(error)) throw error;
    const reason = REASONS[error.code] ?? "json";
    throw new AgentPinError("AGENTPIN_DISCOVERY_INVALID", `document cannot be read: ${reason}`, {
      reason,
      step: 3,
    });
  }
}

const REASONS: Readonly<Partial<Record<KitError["code"], string>>> = {
  JSON_ILL_FORMED_TEXT: "utf8",
  JSON_DUPLICATE_NAME: "duplicate_member",
  JSON_TOO_DEEP: "depth",
  JSON_RESERVED_NAME: "schema",
  JSON_TOO_LARGE: "too_large",
};
