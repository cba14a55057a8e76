import { type JsonObject, parseJson } from "@symbiont/kit";
import { SecretError } from "../../../errors.ts";

/**
 * Checks that notes can be read back: a store whose payload does not parse is lost.
 * @throws SecretError `SECRET_VALUE_INVALID`.
 */
export function checkedNotes(name: string, notes: JsonObject): void {
  try {
    parseJson(JSON.stringify(notes), { reservedNames: [] });
  } catch {
    throw new SecretError("SECRET_VALUE_INVALID", "the notes are not strict JSON", { secret: name });
  }
}
