import type { JsonObject } from "@symbiont/kit";
import type { Redactor } from "../redactor.ts";

/** A value that a span attribute can hold. */
export type AttributeValue =
  | string
  | number
  | boolean
  | readonly (string | null | undefined)[]
  | readonly (number | null | undefined)[]
  | readonly (boolean | null | undefined)[];

/**
 * Makes attributes safe to put on a span or log record: names that stand for secrets, secrets in texts, and
 * JSON in texts. Pass the result to `span.setAttributes`.
 */
export function redactAttributes(
  redactor: Redactor,
  attributes: Readonly<Record<string, unknown>>,
): Record<string, AttributeValue> {
  const safe = redactor.redact(attributes);
  if (typeof safe !== "object" || safe === null || Array.isArray(safe)) return { redacted: String(safe) };
  const result: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(safe)) {
    if (value !== null) result[name] = isAttributeValue(value) ? value : JSON.stringify(value);
  }
  return result;
}

/**
 * Writes a tool call's arguments or result as the text of one attribute, for `gen_ai.tool.call.arguments` and
 * `gen_ai.tool.call.result`.
 * @param schema the tool's input or output schema.
 */
export function attributeText(redactor: Redactor, value: unknown, schema?: JsonObject): string {
  const safe = redactor.redact(value, schema);
  return typeof safe === "string" ? safe : JSON.stringify(safe);
}

function isAttributeValue(value: unknown): value is AttributeValue {
  if (!Array.isArray(value)) return typeof value !== "object";
  const kinds = new Set(value.filter((item) => item !== null).map((item: unknown) => typeof item));
  return kinds.size <= 1 && !kinds.has("object");
}
