const MAX_LENGTH = 4_096;

/** What may be wrong with a TXT record's fields. */
export type TxtFieldsProblem = "it is too long" | "a field has no value" | "a field is there twice";

/**
 * Takes the fields of a TXT record of the form `v=name1; a=b; c=d` apart: names in lower case, no white space around
 * them. Which of two fields of one name counts would be up to the reader, so neither does.
 */
export function parseTxtFields(text: string): ReadonlyMap<string, string> | TxtFieldsProblem {
  if (text.length > MAX_LENGTH) return "it is too long";
  const fields = new Map<string, string>();
  for (const part of text.split(";")) {
    const field = part.trim();
    if (field === "") continue;
    const equals = field.indexOf("=");
    if (equals < 0) return "a field has no value";
    const name = field.slice(0, equals).trim().toLowerCase();
    if (fields.has(name)) return "a field is there twice";
    fields.set(name, field.slice(equals + 1).trim());
  }
  return fields;
}
