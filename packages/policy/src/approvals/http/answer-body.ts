import type { JsonObject, JsonValue } from "@symbiont/kit";

/** Largest body of an answer, in bytes. */
export const MAX_BODY_BYTES: number = 64 * 1024;

/** Whether a JSON value is an object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
