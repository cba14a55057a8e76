import type { JsonObject } from "@symbiont/kit";

/** The members of a value that should be an object; none when it is not. */
export function membersOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** A value that should be text; empty when it is not. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
