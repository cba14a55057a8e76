import { JsonNumber, type JsonTree, type JsonTreeObject, parseJsonTree } from "@symbiont/kit";
import { WebhookError } from "../webhook-error.ts";

/**
 * Reads a body as a JSON object whose numbers are kept as written, bounded by the body's own size.
 * @throws WebhookError `WEBHOOK_MALFORMED_BODY`; without a cause, which may show a piece of the body.
 */
export function readJsonObject(body: Uint8Array): JsonTreeObject {
  let tree: JsonTree;
  try {
    tree = parseJsonTree(body, { maxBytes: Math.max(body.length, 1), reservedNames: [] });
  } catch {
    throw new WebhookError("WEBHOOK_MALFORMED_BODY", "body is not JSON that can be read safely");
  }
  return asObject(tree, "body");
}

/** @throws WebhookError `WEBHOOK_MALFORMED_BODY`; `what` names the value. */
export function asObject(value: JsonTree | undefined, what: string): JsonTreeObject {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof JsonNumber)
    throw new WebhookError("WEBHOOK_MALFORMED_BODY", `${what} is not an object`);
  return value as JsonTreeObject;
}

/** @throws WebhookError `WEBHOOK_MALFORMED_BODY`; `what` names the value. */
export function asText(value: JsonTree | undefined, what: string): string {
  if (typeof value !== "string") throw new WebhookError("WEBHOOK_MALFORMED_BODY", `${what} is not a text`);
  return value;
}
