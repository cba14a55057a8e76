import {
  decodeBase64,
  decodeUtf8,
  encodeBase64,
  encodeUtf8,
  type JsonTreeObject,
  SCHEMAPIN_V1,
  writeJsonTree,
} from "@symbiont/kit";
import { SecretError } from "../../errors.ts";

/** Which member of an entry holds the value. */
export interface KvFieldOptions {
  /**
   * Name of the member. Then the other members of the entry stay as they are when the value is written. Default
   * `value`, or `content` where there is no `value`; a write replaces the whole entry.
   */
  readonly field?: string;
  /**
   * What to do with a value that is not text: `refuse`, or hand out its JSON text, numbers as they were written.
   * Default `refuse`.
   */
  readonly otherTypes?: "refuse" | "json";
}

const DEFAULT_FIELDS = ["value", "content"] as const;

/** Names of the members that belong to one value. */
export interface FieldNames {
  readonly value: string;
  /** Says `base64` when the value is not UTF-8, and is absent otherwise. */
  readonly encoding: string;
  /** Refers to the record in the custom metadata, where there is one. */
  readonly record: string;
}

/** The names for a value that is written. */
export function fieldNames({ field = "value" }: KvFieldOptions): FieldNames {
  return { value: field, encoding: `${field}_encoding`, record: `${field}_record` };
}

/** @throws TypeError for a wrong option. */
export function checkedField({ field, otherTypes }: KvFieldOptions): void {
  if (field !== undefined && (field === "" || field === "__proto__"))
    throw new TypeError("field must be the name of a member");
  if (otherTypes !== undefined && otherTypes !== "refuse" && otherTypes !== "json")
    throw new TypeError(`otherTypes must be "refuse" or "json"`);
}

/**
 * Takes the value out of an entry.
 * @returns bytes that are the caller's.
 * @throws SecretError `SECRET_VALUE_INVALID`.
 */
export function readField(entry: JsonTreeObject, options: KvFieldOptions, name: string): Uint8Array {
  const fields = options.field === undefined ? DEFAULT_FIELDS : [options.field];
  const field = fields.find((candidate) => Object.hasOwn(entry, candidate));
  if (field === undefined) throw invalid(`the entry has no member '${fields.join("' or '")}'`, name);
  const value = entry[field];
  if (typeof value !== "string") {
    if (options.otherTypes !== "json" || value === undefined) throw invalid(`'${field}' is not text`, name);
    return encodeUtf8(writeJsonTree(value, { ...SCHEMAPIN_V1, compareNames: () => 0 }));
  }
  try {
    return entry[fieldNames({ field }).encoding] === "base64" ? decodeBase64(value) : encodeUtf8(value);
  } catch {
    throw invalid(`'${field}' is not what its encoding says`, name);
  }
}

/** What refers to the record that goes with the value; undefined when it has none. */
export function recordReferenceOf(entry: JsonTreeObject, options: KvFieldOptions): string | undefined {
  const reference = entry[fieldNames(options).record];
  return typeof reference === "string" ? reference : undefined;
}

/**
 * The members to store for a value: as text where it is UTF-8, in base64 where it is not, because Vault holds text
 * only.
 */
export function fieldMembers(
  value: Uint8Array,
  options: KvFieldOptions,
  recordReference: string | undefined,
): Readonly<Record<string, string>> {
  const names = fieldNames(options);
  return {
    ...encoded(value, names),
    ...(recordReference !== undefined && { [names.record]: recordReference }),
  };
}

function encoded(value: Uint8Array, names: FieldNames): Readonly<Record<string, string>> {
  try {
    return { [names.value]: decodeUtf8(value) };
  } catch {
    return { [names.value]: encodeBase64(value), [names.encoding]: "base64" };
  }
}

function invalid(message: string, secret: string): SecretError {
  return new SecretError("SECRET_VALUE_INVALID", message, { secret });
}
